import { formatNumber } from './format.ts'
import type { ReferenceLine } from './types.ts'

/** Where a label stands at its line: at the left or right end, over or under it. */
export type LabelPlace = 'insideStartTop' | 'insideEndTop' | 'insideStartBottom' | 'insideEndBottom'

export interface PlacedReference extends ReferenceLine {
  /** The label with its value. */
  readonly text: string
  /** Null where no place is free: the line stands without words, which are told at the cursor. */
  readonly place: LabelPlace | null
}

/** The inner plot in pixels, and the values at its lower and upper edge. */
export interface PlotFrame {
  readonly width: number
  readonly height: number
  readonly low: number
  readonly high: number
  /** On a logarithmic axis. */
  readonly log?: boolean
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Of the 10 px text: height of a label and a generous mean width of a character. */
const labelHeight = 12
const characterWidth = 5.4
const inset = 5
const places: readonly LabelPlace[] = [
  'insideStartTop',
  'insideEndTop',
  'insideStartBottom',
  'insideEndBottom'
]

/** References of one value share a line and its label. */
export function mergeReferences(references: readonly ReferenceLine[]): readonly ReferenceLine[] {
  const byValue = Map.groupBy(references, reference => reference.value)
  return [...byValue.values()].map(same => ({
    ...same[0]!,
    label: [...new Set(same.map(reference => reference.label))].join(', ')
  }))
}

function boxOf(place: LabelPlace, y: number, width: number, frame: PlotFrame): Box {
  const left = place.includes('Start') ? inset : frame.width - inset - width
  const top = place.endsWith('Top') ? y - labelHeight - 2 : y + 2
  return { left, right: left + width, top, bottom: top + labelHeight }
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/**
 * Gives every label the first of four places at its line where it covers no other label and no other line, from the
 * highest line down; none where all are taken or the text is wider than the plot.
 */
export function placeReferences(
  references: readonly ReferenceLine[],
  frame: PlotFrame
): readonly PlacedReference[] {
  const scale = (value: number): number => (frame.log ? Math.log(Math.max(value, Number.MIN_VALUE)) : value)
  const span = scale(frame.high) - scale(frame.low) || 1
  const heightOf = (value: number): number => frame.height * (1 - (scale(value) - scale(frame.low)) / span)
  const sorted = [...mergeReferences(references)].sort((a, b) => b.value - a.value)
  const heights = sorted.map(({ value }) => heightOf(value))
  const taken: Box[] = []
  return sorted.map((reference, i) => {
    const text = `${reference.label} ${formatNumber(reference.value)}`
    const width = text.length * characterWidth
    const y = heightOf(reference.value)
    const fits = (place: LabelPlace): boolean => {
      const box = boxOf(place, y, width, frame)
      const inside = width <= frame.width - 2 * inset && box.top >= -8 && box.bottom <= frame.height
      const crossed = heights.some((other, j) => j !== i && other > box.top + 1 && other < box.bottom - 1)
      return inside && !crossed && !taken.some(other => overlap(other, box))
    }
    const place = places.find(fits) ?? null
    if (place) taken.push(boxOf(place, y, width, frame))
    return { ...reference, text, place }
  })
}
