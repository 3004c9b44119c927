import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { teamsOf } from '../../bench/bench.ts'

const run = promisify(execFile)
const script = join(import.meta.dirname, '../../bench/run.ts')
const tiny = ['--algorithms', 'bc', '--sizes', '1x4/8', '--rounds', '1', '--seconds', '0.01', '--json']

const infos = await describeEngines()
const usable = infos.find(({ id, available }) => id !== 'eager' && available)?.id ?? 'eager'

test('--json prints one array of figures with the agreed fields first, and nothing else', async () => {
  const args = [script, ...tiny, '--engines', usable, '--precisions', 'float32']
  const { stdout } = await run(process.execPath, args)
  const figures = JSON.parse(stdout) as Record<string, unknown>[]
  expect(figures).toHaveLength(teamsOf().length)
  for (const [i, { runs, threads }] of teamsOf().entries()) {
    expect(Object.keys(figures[i]).slice(0, 9)).toEqual([
      ...['engine', 'device', 'precision', 'algorithm', 'hidden', 'batchSize', 'runs', 'threads'],
      'stepsPerSecond'
    ])
    const expected = { engine: usable, precision: 'float32', algorithm: 'bc', hidden: [4], batchSize: 8 }
    expect(figures[i]).toMatchObject({ ...expected, runs, threads })
    expect(figures[i].stepsPerSecond).toBeGreaterThan(0)
  }
})

test('an engine that is not there is left out with a reason, on standard error', async () => {
  const { stdout, stderr } = await run(process.execPath, [script, ...tiny, '--engines', 'abacus'])
  expect(JSON.parse(stdout)).toEqual([])
  expect(stderr).toContain('abacus: SKIPPED, there is no such engine')
})
