// ESLint: strict type-checked rules plus the house rules of CONTRIBUTING.md that a linter can see.
import tseslint from 'typescript-eslint';

const houseRules = {
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-lines': ['error', 400],
  'max-params': ['error', 3],
  'no-restricted-syntax': [
    'error',
    { selector: 'TSEnumDeclaration', message: 'use a union of literals' },
    { selector: 'ExportDefaultDeclaration', message: 'use a named export' },
    { selector: 'TSAsExpression > TSAsExpression', message: 'check the value instead of casting twice' },
    {
      selector: 'CallExpression[optional=true] AwaitExpression',
      message: 'an argument is not evaluated where nobody is called: await it on a line of its own',
    },
  ],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
};

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'coverage', 'bin', '*.config.js', 'test/testenv/bin'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: houseRules,
  },
  {
    files: ['**/*.test.ts', 'test/**', 'bench/**', 'hack/**'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off', 'max-params': 'off' },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
