/** The formats of names, labels and keys; each function returns what is wrong, in the words of the API server. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const IS_LABEL = whole(LABEL);
const IS_SUBDOMAIN = whole(SUBDOMAIN);
const IS_LABEL_1035 = whole(LABEL_1035);
const IS_KEY = whole(KEY);
const IS_VALUE = whole(`(${KEY})?`);
const IS_CONFIG_KEY = whole(CONFIG_KEY);
const IS_C_IDENTIFIER = whole(C_IDENTIFIER);

const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;

export type Problems = readonly string[];

/** What is wrong, with the pattern and examples. */
export function patternProblem(message: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (${shown === '' ? '' : `e.g. ${shown}`}regex used for validation is '${pattern}')`;
}

function tooLong(value: string, max: number): Problems {
  return value.length > max ? [`must be no more than ${max} bytes`] : [];
}

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_RULE = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const C_IDENTIFIER_RULE =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";

/** RFC 1123 label: names of namespaces, containers and ports' owners. */
export function dnsLabelProblems(value: string): Problems {
  if (IS_LABEL.test(value)) return tooLong(value, MAX_LABEL);
  const problem = IS_SUBDOMAIN.test(value)
    ? 'must not contain dots'
    : patternProblem(LABEL_RULE, LABEL, 'my-name', '123-abc');
  return [...tooLong(value, MAX_LABEL), problem];
}

/** RFC 1123 subdomain: names of most objects. */
export function dnsSubdomainProblems(value: string): Problems {
  if (IS_SUBDOMAIN.test(value)) return tooLong(value, MAX_SUBDOMAIN);
  return [...tooLong(value, MAX_SUBDOMAIN), patternProblem(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com')];
}

/** RFC 1035 label: names of services. */
export function dns1035LabelProblems(value: string): Problems {
  if (IS_LABEL_1035.test(value)) return tooLong(value, MAX_LABEL);
  return [...tooLong(value, MAX_LABEL), patternProblem(LABEL_1035_RULE, LABEL_1035, 'my-name', 'abc-123')];
}

/** What a URL path segment may not be: names of RBAC objects. */
export function pathSegmentProblems(value: string): Problems {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

const KEY_EXAMPLES = ['MyName', 'my.name', '123-abc'];

/** Keys of labels and annotations, finalizers: an optional DNS prefix and a name. */
export function qualifiedNameProblems(value: string): Problems {
  const parts = value.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    const problem = patternProblem(KEY_RULE, KEY, ...KEY_EXAMPLES);
    return [
      `a valid label key ${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  return [...prefixProblems(parts), ...namePartProblems(name)];
}

function prefixProblems(parts: readonly string[]): Problems {
  const [prefix = ''] = parts;
  if (parts.length < 2) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return dnsSubdomainProblems(prefix).map((problem) => `prefix part ${problem}`);
}

function namePartProblems(name: string): Problems {
  const size = name === '' ? ['must be non-empty'] : tooLong(name, MAX_LABEL);
  const form = IS_KEY.test(name) ? [] : [patternProblem(KEY_RULE, KEY, ...KEY_EXAMPLES)];
  return [...size, ...form].map((problem) => `name part ${problem}`);
}

export function labelValueProblems(value: string): Problems {
  const form = IS_VALUE.test(value)
    ? []
    : [patternProblem(VALUE_RULE, `(${KEY})?`, 'MyValue', 'my_value', '12345')];
  return [...tooLong(value, MAX_LABEL), ...form];
}

/** Keys of ConfigMaps and Secrets. */
export function configKeyProblems(value: string): Problems {
  const form = IS_CONFIG_KEY.test(value)
    ? []
    : [patternProblem(CONFIG_KEY_RULE, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name')];
  const size = value.length > MAX_SUBDOMAIN ? [`must be no more than ${MAX_SUBDOMAIN} characters`] : [];
  return [...size, ...form, ...parentDirectoryProblems(value)];
}

function parentDirectoryProblems(value: string): Problems {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

export function cIdentifierProblems(value: string): Problems {
  if (IS_C_IDENTIFIER.test(value)) return [];
  return [patternProblem(C_IDENTIFIER_RULE, C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName')];
}

/** IANA service names: ports of containers and services. */
export function portNameProblems(value: string): Problems {
  return [
    ...(value.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(/^[-a-z0-9]+$/.test(value)
      ? []
      : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
    ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(value.startsWith('-') || value.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
  ];
}

export function portNumberProblems(value: number): Problems {
  return value >= 1 && value <= 65_535 ? [] : ['must be between 1 and 65535, inclusive'];
}

export function percentProblems(value: string): Problems {
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return /^[0-9]+%$/.test(value) ? [] : [patternProblem(message, '[0-9]+%', '1%', '93%')];
}

/** Names of environment variables: printable ASCII without `=`. */
export function environmentNameProblems(value: string): Problems {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}
