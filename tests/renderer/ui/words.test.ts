import { expect, test } from 'vitest'
import { byteText } from '../../../src-renderer/ui/bytes.ts'
import { confirm, pendingQuestion } from '../../../src-renderer/ui/confirm.ts'
import { barHeights, binText, histogramSummary } from '../../../src-renderer/ui/histogramText.ts'
import { paletteColour, paletteColours } from '../../../src-renderer/ui/palette.ts'
import { sentenceOf } from '../../../src-renderer/ui/sentence.ts'

test('bytes are short', () => {
  expect([812, 3400, 999_600, 120_000_000, 1.25e9].map(byteText)).toEqual([
    '812 B',
    '3.4 kB',
    '1.0 MB',
    '120 MB',
    '1.3 GB'
  ])
})

test('an error reads as a sentence, and file names keep their case', () => {
  expect(sentenceOf(new Error('the run is running; stop it first'))).toBe(
    'The run is running; stop it first.'
  )
  expect(sentenceOf(new Error('data.hdf5 has no rows'))).toBe('data.hdf5 has no rows.')
  expect(sentenceOf(Object.assign(new Error('lost'), { code: 'closed' }))).toBeNull()
  expect(sentenceOf('odd')).toBe('Odd.')
})

test('rare values stay visible beside frequent ones', () => {
  expect(barHeights([0, 1, 1000])).toEqual([0, 0.02, 1])
  const histogram = { low: 0, high: 10, counts: [1, 5], nonFinite: 0 }
  expect(binText(histogram, 1)).toBe('5 to 10')
  expect(histogramSummary('Returns', histogram)).toContain('most in 5 to 10')
  expect(histogramSummary('Returns', { ...histogram, counts: [0, 0] })).toContain('nothing finite')
})

test('a second question answers the first with no', async () => {
  const question = { title: 'Delete?', text: '', action: 'Delete' }
  const first = confirm(question)
  const second = confirm(question)
  pendingQuestion.value?.answer(true)
  expect([await first, await second]).toEqual([false, true])
  expect(pendingQuestion.value).toBeNull()
})

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

test.each(['default', 'colourBlind'] as const)(
  'every colour of palette %s stands out from its background',
  name => {
    for (const colour of paletteColours(name, false))
      expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(3)
    for (const colour of paletteColours(name, true))
      expect(contrast(colour, '#18181b')).toBeGreaterThanOrEqual(3)
  }
)

test('indices beyond the palette begin again', () => {
  const colours = ['#111111', '#222222']
  expect([0, 1, 2, -1].map(index => paletteColour(colours, index))).toEqual([
    '#111111',
    '#222222',
    '#111111',
    '#222222'
  ])
})
