import { expect, test } from 'vitest'
import {
  changedFields,
  fieldProblem,
  fieldText,
  isShown,
  parseField,
  problemsByField,
  withDefaults
} from '../../../src-renderer/ui/configFields.ts'
import { field } from '../support.ts'

const expectile = field({
  name: 'expectile',
  minimum: 0,
  maximum: 1,
  exclusiveMinimum: true,
  exclusiveMaximum: true
})
const hidden = field({ name: 'hiddenSizes', kind: 'numbers', default: [256, 256], minimum: 1 })
const steps = field({ name: 'gradientSteps', kind: 'integer', default: 100, minimum: 1 })

test('numbers are read as people write them', () => {
  expect(parseField(expectile, ' 3e-4 ')).toBe(0.0003)
  expect(parseField(hidden, '256 x 128')).toEqual([256, 128])
  expect(parseField(hidden, '64,64')).toEqual([64, 64])
  expect(parseField(expectile, '0.9x')).toBe('0.9x')
  expect(fieldText([256, 256])).toBe('256, 256')
})

test('a bad value gets one sentence with the value or the range', () => {
  expect(fieldProblem(expectile, 0.9)).toBeNull()
  expect(fieldProblem(expectile, 1)).toMatch(/more than 0 and less than 1/)
  expect(fieldProblem(expectile, '0.9x')).toContain('0.9x')
  expect(fieldProblem(steps, 1.5)).toMatch(/whole/)
  expect(fieldProblem(steps, 0)).toMatch(/at least 1/)
  expect(fieldProblem(hidden, [256, 0])).toContain('0')
  expect(fieldProblem(hidden, [])).not.toBeNull()
})

test('a field shows only while the fields that it depends on have the wanted values', () => {
  const weighting = field({ name: 'weighting', kind: 'choice', default: 'exp' })
  const clip = field({ name: 'clip', when: { field: 'weighting', value: 'exp' } })
  const depth = field({ name: 'depth', when: { field: 'clip', value: 0.5 } })
  const fields = [weighting, clip, depth]
  expect(isShown(clip, fields, { weighting: 'exp' })).toBe(true)
  expect(isShown(clip, fields, { weighting: 'softmax' })).toBe(false)
  expect(isShown(depth, fields, { weighting: 'softmax', clip: 0.5 })).toBe(false)
})

test('problems of hidden fields do not block, and the host is heard where the page finds nothing', () => {
  const weighting = field({ name: 'weighting', kind: 'choice', default: 'exp' })
  const clip = field({ name: 'clip', minimum: 1, when: { field: 'weighting', value: 'exp' } })
  const fields = [weighting, clip]
  expect(problemsByField(fields, { weighting: 'exp', clip: 0 }, []).has('clip')).toBe(true)
  expect(problemsByField(fields, { weighting: 'softmax', clip: 0 }, []).size).toBe(0)
  const host = [{ field: 'weighting', text: 'not with this data' }]
  expect(problemsByField(fields, { weighting: 'softmax', clip: 0 }, host).get('weighting')).toBe(
    'not with this data'
  )
})

test('what was changed is counted from the preset, not from the defaults', () => {
  const fields = [expectile, steps]
  const start = withDefaults(fields, { expectile: 0.9 })
  expect(start).toEqual({ expectile: 0.9, gradientSteps: 100 })
  expect(changedFields(fields, { ...start, gradientSteps: 5 }, start)).toEqual(['gradientSteps'])
})
