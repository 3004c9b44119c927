import { describe, expect, test } from 'vitest'
import {
  type Figure,
  hiddenName,
  median,
  ratio,
  replaceMeasured,
  replaceTables,
  toMarkdown,
  toText
} from '../../bench/figures.ts'
import { rateTable } from '../../bench/sections/rates.ts'

const table = {
  title: 'Speed',
  columns: ['', 'steps/s'],
  rows: [['onnx', 161.9]],
  notes: ['On one machine.']
}

describe('figures', () => {
  test('a median is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 100])).toBe(3)
    expect(median([4, 1, 2, 100])).toBe(3)
    expect(median([])).toBeNaN()
  })

  test('a ratio without a base is a dash, not infinity', () => {
    expect(ratio(3, 2)).toBe('1.50 x')
    expect(ratio(3, 0)).toBe('-')
    expect(ratio(undefined, 2)).toBe('-')
  })

  test('names networks by layers and width where the layers are equal', () => {
    expect(hiddenName([256, 256])).toBe('2x256')
    expect(hiddenName([256, 64])).toBe('256-64')
  })

  test('shows a table as text and as Markdown', () => {
    expect(toText(table)).toBe('Speed\n      steps/s\nonnx    161.9\nOn one machine.')
    expect(toMarkdown(table)).toContain(
      '### Speed\n\n|  | steps/s |\n|---|---|\n| onnx | 161.9 |\n\nOn one machine.'
    )
  })

  test('puts each rate beside that of JAX', () => {
    const figure = (engine: string, runs: number, stepsPerSecond: number): Figure => ({
      ...{
        engine,
        device: 'CPU',
        precision: 'float32',
        algorithm: 'iql',
        hidden: [256, 256],
        batchSize: 256
      },
      ...{ runs, threads: runs === 1 ? 2 : 1, stepsPerSecond, stepsPerCpuSecond: 100 }
    })
    const { columns, rows } = rateTable('iql', [
      figure('onnx', 1, 300),
      figure('jax', 1, 200),
      figure('onnx', 2, 400)
    ])
    expect(columns).toHaveLength(7)
    expect(rows).toEqual([
      ['onnx', 300, '1.50 x', 100, 400, '-', 100],
      ['jax', 200, '1.00 x', 100, '-', '-', '-']
    ])
  })

  test('replaces the measured part of a document and nothing else', () => {
    const lines = '<!-- measured: written by `npm run bench -- --write FILE` -->\nold\n<!-- /measured -->'
    const document = `# Benchmarks\n\n${lines}\n\nEnd\n`
    const replaced = replaceMeasured(document, '### New\n')
    expect(replaced).not.toContain('old')
    expect(replaced.startsWith('# Benchmarks\n')).toBe(true)
    expect(replaced.endsWith('<!-- /measured -->\n\nEnd\n')).toBe(true)
    expect(replaceMeasured(replaced, '### New')).toBe(replaced)
    expect(() => replaceMeasured('# Nothing', 'x')).toThrow('has no lines')
  })

  test('replaces the tables of a part of the benchmark and leaves the others', () => {
    const begin = '<!-- measured: written by `npm run bench -- --write FILE` -->'
    const document = `# Benchmarks\n\n${begin}\n\n### Machine\n\nFast.\n\n### Speed\n\nold\n\n### Start\n\n1 s\n\n<!-- /measured -->\n`
    const replaced = replaceTables(document, [table, { ...table, title: 'Added' }])
    expect(replaced).not.toContain('old')
    expect(replaced).toContain('### Machine\n\nFast.\n')
    expect(replaced.match(/^### .*$/gm)).toEqual(['### Machine', '### Speed', '### Start', '### Added'])
    expect(replaceTables(replaced, [table])).toBe(replaced)
  })
})
