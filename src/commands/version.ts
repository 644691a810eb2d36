/** The version of KCloud. */
export const VERSION = '0.1.0';
