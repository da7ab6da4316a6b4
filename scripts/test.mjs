// @ts-check
/** `npm test`: everything that is checked, cheapest first, one line a step, and the sum of all tests as the last line. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { installPrograms } from './programs.mjs'

const root = join(import.meta.dirname, '..')
const logs = join(root, '.cache/test')
const LINES_OF_A_FAILURE = 80

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, command: string[], report?: 'vitest' | 'playwright', decisive?: boolean }} Step */

/** @param {string} name @param {string[]} projects @returns {Step} */
const vitest = (name, ...projects) => ({
  name,
  report: 'vitest',
  command: [
    'vitest',
    'run',
    '--passWithNoTests',
    ...projects.flatMap(project => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportOf(name)}`,
  ],
})

/** @type {Step[]} */
const steps = [
  // What does not compile need not be tested.
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'], decisive: true },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'] },
  { name: 'knip', command: ['npm', 'run', '--silent', 'knip'] },
  vitest('unit', 'unit', 'ui'),
  vitest('scenarios', 'scenarios'),
  vitest('loopback', 'loopback'),
  { name: 'build', command: ['npm', 'run', '--silent', 'build'], decisive: true },
  vitest('interop', 'interop'),
  { name: 'e2e', report: 'playwright', command: ['playwright', 'test', '-c', 'e2e/playwright.config.ts'] },
]

/** @param {string} name */
function reportOf(name) {
  return join(logs, `${name}.json`)
}

/** @param {Step} step @returns {Promise<Counts>} */
async function run(step) {
  const started = Date.now()
  const code = await execute(step)
  const counts = step.report ? countsOf(step) : { passed: 0, failed: 0, skipped: 0 }
  // A step that fails without a failing test (a crash, a lint error) is one failure of its own.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  const { passed, failed, skipped } = counts
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(7)
  const found = step.report
    ? `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`
    : ''
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(10)} ${seconds} s  ${found}`.trimEnd())
  if (failed > 0) console.log(tail(logOf(step.name)))
  return counts
}

/** @param {string} name */
const logOf = name => join(logs, `${name}.log`)

/** @param {Step} step @returns {Promise<number>} */
function execute({ name, command: [program = '', ...given] }) {
  const log = openSync(logOf(name), 'w')
  const child = spawn(program, given, {
    cwd: root,
    // To a file: a pipe that fills up stalls or breaks some of these tools.
    stdio: ['ignore', log, log],
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      PLAYWRIGHT_JSON_OUTPUT_NAME: reportOf(name),
      CI: '1',
      NO_COLOR: '1',
    },
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => resolve(code ?? 1))
  }).finally(() => closeSync(log))
}

/** @param {Step} step @returns {Counts} */
function countsOf({ name, report }) {
  if (!existsSync(reportOf(name))) return { passed: 0, failed: 0, skipped: 0 }
  const result = JSON.parse(readFileSync(reportOf(name), 'utf8'))
  if (report === 'playwright') {
    const { expected, unexpected, flaky, skipped } = result.stats
    return { passed: expected, failed: unexpected + flaky + result.errors.length, skipped }
  }
  // A file that cannot even be loaded has no tests to fail.
  const broken = result.testResults.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken.length,
    skipped: result.numPendingTests + result.numTodoTests,
  }
}

/** @param {string} file */
const tail = file => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES_OF_A_FAILURE).join('\n')

rmSync(logs, { recursive: true, force: true })
mkdirSync(logs, { recursive: true })
installPrograms()
const total = { passed: 0, failed: 0, skipped: 0 }
for (const step of steps) {
  const counts = await run(step)
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
  if (counts.failed > 0 && step.decisive) break
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1
