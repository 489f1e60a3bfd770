import js from '@eslint/js';
import globals from 'globals';

export default [
  {ignores: ['.venv/**', 'node_modules/**', 'build/**', 'dist/**']},
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {ecmaVersion: 'latest', sourceType: 'module', globals: {...globals.browser, ...globals.worker}},
    linterOptions: {reportUnusedDisableDirectives: 'error'},
    rules: {
      eqeqeq: 'error',
      'no-nested-ternary': 'error',
      'no-unused-vars': ['error', {ignoreRestSiblings: true, caughtErrors: 'none'}],
      'no-var': 'error',
      'one-var': ['error', 'never'],
      'prefer-const': ['error', {destructuring: 'all'}],
      'max-len': ['error', {code: 120, ignoreUrls: true}],
      'max-lines-per-function': ['error', {max: 60}],
    },
  },
  {
    files: ['vaedemo/app/site/service-worker.js'],
    languageOptions: {
      sourceType: 'script',
      globals: {...globals.serviceworker, BUILD: 'readonly', FIRST: 'readonly'},
    },
  },
];
