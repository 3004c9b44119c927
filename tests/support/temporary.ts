import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * One folder for all temporary files of a test run, which goes with the run: what tests, their processes and those that a test kills
 * on purpose leave behind is in it.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-tests-'))
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  // A process that ends at this moment may still write.
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}
