import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directionProblem, findCycle } from './imports.js'

test.each([
  ['src-main/base/errors.ts', 'src-main/nn/adam.ts'],
  ['src-main/algorithms/iql.ts', 'src-main/compute/trace.ts'],
  ['src-main/store/open.ts', 'src-main/api/router.ts'],
  ['src-renderer/App.vue', 'src-main/base/errors.ts'],
  ['src-renderer/features/runs/RunsPage.vue', 'src-renderer/features/compare/ComparePage.vue'],
  ['src-renderer/ui/Grid.vue', 'src-renderer/features/runs/RunsPage.vue']
])('%s may not import %s', (from, to) => {
  expect(directionProblem(from, to)).not.toBeNull()
})

test.each([
  ['src-main/compute/program.ts', 'src-main/algorithms/algorithm.ts'],
  ['src-main/training/loop.ts', 'src-main/evaluation/rollouts.ts'],
  ['src-renderer/stores/runs.ts', 'src-preload/contract/runs.ts'],
  ['src-main/serve/server.ts', 'src-main/api/router.ts']
])('%s may import %s', (from, to) => {
  expect(directionProblem(from, to)).toBeNull()
})

test('a cycle of run-time imports is found, a type-only one is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-lint-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const a = file('a.ts', "import { b } from './b.ts'\nexport const a = b\n")
  const b = file('b.ts', "import { a } from './a.ts'\nexport const b = a\n")
  const c = file('c.ts', "import type { d } from './d.ts'\n")
  const d = file('d.ts', "import { c } from './c.ts'\n")
  expect(findCycle(b, a)).not.toBeNull()
  expect(findCycle(c, d)).toBeNull()
})
