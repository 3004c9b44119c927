import { expect, test } from 'vitest'
import { nameParts } from '../../../../src-renderer/features/runs/runColumns.ts'

test('the end that tells seeds apart is kept from the cut', () => {
  expect(nameParts('IQL on hopper-v2 medium-replay, seed 14')).toEqual([
    'IQL on hopper-v2 medium-replay',
    ', seed 14'
  ])
  expect(nameParts('my seed 3 attempt')).toEqual(['my seed 3 attempt', ''])
})
