/** Plan files that are damaged, or made to do harm: each gives one sentence that names the file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPlan, readPlanFile } from '../../../src-main/cli/plan.ts'
import { UserError } from '../../../src-main/base/errors.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plans-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function refusal(act: () => unknown): UserError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return error as UserError
  }
  throw new Error('it was accepted')
}

/** `a: &a [x, x, ...]`, `b: &b [*a, *a, ...]`, and so on: a few hundred bytes that stand for billions of values. */
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
  'datasets: *a12'
].join('\n')

describe('a plan file', () => {
  it.each([
    ['aliases that multiply', bomb, /alias/i],
    ['nesting without end', '['.repeat(100_000), /nested too deeply/],
    ['lists in lists without end', `a:\n  ${'- '.repeat(100_000)}`, /nested too deeply/],
    ['a tag that would make something', 'datasets: !!js/function "x"\nalgorithms: [bc]', /datasets/],
    ['a number where a list belongs', 'datasets: 7\nalgorithms: [bc]', /datasets: .*expected array/],
    ['nothing', '', /the file: .*expected object/],
    ['two documents', 'a: 1\n---\nb: 2', /document/],
    ['keys of prototypes', 'datasets: [a]\nalgorithms: [bc]\n__proto__: {x: 1}', /__proto__|nrecognized/],
    ['noise', '\u0000\u0001\u0002: [', /plan\.yaml: ./]
  ])('with %s', (_, text, message) => {
    const path = join(folder, 'plan.yaml')
    writeFileSync(path, text)
    const error = refusal(() => readPlanFile(path))
    expect(error.code).toBe('invalid-config')
    expect(error.message).toMatch(message)
    expect(error.message).toContain(path)
    expect(error.message).not.toContain('\n')
    expect(error.message.length).toBeLessThan(3000)
  })

  it('that is far too large, or a folder, is not read', () => {
    const path = join(folder, 'large.yaml')
    writeFileSync(path, Buffer.alloc((1 << 20) + 1, '#'))
    expect(refusal(() => readPlanFile(path)).message).toContain('has 1048577 bytes')
    expect(refusal(() => readPlanFile(folder)).message).toContain('it is no file')
    expect(refusal(() => readPlanFile(join(folder, 'absent.yaml'))).message).toContain('absent.yaml')
  })

  it('with hundreds of problems tells the first and how many there are', () => {
    const path = join(folder, 'many.yaml')
    writeFileSync(path, JSON.stringify({ datasets: ['a'], algorithms: ['bc'], seeds: Array(500).fill('x') }))
    const { message } = refusal(() => readPlanFile(path))
    expect(message).toContain('seeds.0')
    expect(message).toContain('and 492 more')
  })
})

it('a setting on the command line that is no value is refused by its text', () => {
  const options = { dataset: ['a'], algorithm: ['bc'], set: ['gradientSteps=[1, '] }
  const { message } = refusal(() => buildPlan(null, options, []))
  expect(message).toContain('--set gradientSteps=[1, : the value cannot be read')
  expect(message).not.toContain('\n')
})
