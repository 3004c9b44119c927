import { expect, test } from 'vitest'
import { type BenchOptions, readOptions, readSize } from '../../bench/options.ts'

const read = (...args: string[]): BenchOptions => {
  const options = readOptions(args)
  if (options === 'help') throw new Error('unexpected help')
  return options
}

test('measures all algorithms at the three published sizes, within bounds, unless told otherwise', () => {
  const { algorithms, sizes, minutes, json } = read()
  expect(algorithms.toSorted()).toEqual(['awac', 'awr', 'bc', 'filteredBc', 'iql'])
  expect(sizes).toEqual([
    { hidden: [256, 256], batchSize: 256 },
    { hidden: [256, 256, 256], batchSize: 1024 },
    { hidden: [64, 64], batchSize: 256 }
  ])
  expect(minutes).toBeLessThan(10)
  expect(json).toBe(false)
})

test('a run without options measures three algorithms at one size only; naming or wanting all lifts that', () => {
  expect(read().firstSizeOnly).toEqual(['filteredBc', 'awr', 'awac'])
  for (const args of [['--all'], ['--json'], ['--algorithms', 'awr']])
    expect(read(...args).firstSizeOnly).toEqual([])
})

test('--all has no time limit and --json only measures rates', () => {
  expect(read('--all').minutes).toBe(Infinity)
  expect(read('--json').sections).toEqual(['rates'])
})

test('takes names in any case and refuses what it does not know', () => {
  expect(read('--algorithms', 'IQL, filteredbc').algorithms).toEqual(['iql', 'filteredBc'])
  expect(() => read('--algorithms', 'cql')).toThrow('--algorithms cql: choose from bc')
  expect(() => read('--sections', 'speed')).toThrow('choose from rates')
  expect(() => read('--seconds', 'long')).toThrow('--seconds long: write a number above 0')
  expect(() => readSize('256')).toThrow('--sizes 256: write layers x width / batch')
  expect(() => readSize('0x256/256')).toThrow('--sizes')
})
