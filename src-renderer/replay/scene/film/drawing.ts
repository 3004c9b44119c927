/** How a shape is painted; what is left out is not painted. Colours are CSS texts without variables. */
interface Paint {
  readonly fill?: string
  /** Of the fill alone. */
  readonly fillOpacity?: number
  readonly stroke?: string
  readonly strokeWidth?: number
  readonly opacity?: number
}

/** A shape of a flat picture, in pixels with y downwards. */
export type DrawnShape = Paint &
  (
    | {
        readonly kind: 'rect' | 'ellipse'
        readonly left: number
        readonly top: number
        readonly width: number
        readonly height: number
      }
    /** x and y by turns. */
    | { readonly kind: 'line'; readonly points: ArrayLike<number> }
    /** The stroke is a halo behind the letters. */
    | {
        readonly kind: 'text'
        readonly text: string
        readonly x: number
        /** Of its middle. */
        readonly y: number
        readonly fontSize: number
        readonly anchor: 'start' | 'middle' | 'end'
        readonly maxWidth?: number
      }
    /** What `shapes` draw is seen inside the rectangle alone. */
    | {
        readonly kind: 'clip'
        readonly left: number
        readonly top: number
        readonly width: number
        readonly height: number
        readonly shapes: readonly DrawnShape[]
      }
  )

export interface PictureSize {
  readonly width: number
  readonly height: number
}

const font = 'sans-serif'

/** Breaks where a number is not finite; a path of none draws nothing. */
function pathOf(context: CanvasRenderingContext2D, points: ArrayLike<number>): void {
  let down = false
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!]
    const known = Number.isFinite(x) && Number.isFinite(y)
    if (known && down) context.lineTo(x, y)
    else if (known) context.moveTo(x, y)
    down = known
  }
}

function outline(context: CanvasRenderingContext2D, shape: Exclude<DrawnShape, { kind: 'text' }>): void {
  context.beginPath()
  if (shape.kind === 'line') return pathOf(context, shape.points)
  const { left, top, width, height } = shape
  if (shape.kind !== 'ellipse') return context.rect(left, top, width, height)
  const [rx, ry] = [Math.abs(width) / 2, Math.abs(height) / 2]
  if (Number.isFinite(left + top))
    context.ellipse(left + width / 2, top + height / 2, rx, ry, 0, 0, 2 * Math.PI)
}

function write(context: CanvasRenderingContext2D, shape: Extract<DrawnShape, { kind: 'text' }>): void {
  const { text, x, y, anchor, maxWidth, fontSize } = shape
  context.font = `${fontSize}px ${font}`
  context.textBaseline = 'middle'
  context.textAlign = anchor === 'middle' ? 'center' : anchor
  if (shape.stroke !== undefined) context.strokeText(text, x, y, maxWidth)
  if (shape.fill !== undefined) context.fillText(text, x, y, maxWidth)
}

function paint(context: CanvasRenderingContext2D, shape: DrawnShape): void {
  if (shape.kind === 'text') return write(context, shape)
  outline(context, shape)
  if (shape.kind === 'clip') {
    context.clip()
    return drawOn(context, shape.shapes)
  }
  const whole = context.globalAlpha
  context.globalAlpha = whole * (shape.fillOpacity ?? 1)
  if (shape.fill !== undefined) context.fill()
  context.globalAlpha = whole
  if (shape.stroke !== undefined) context.stroke()
}

/** Draws shapes on a canvas, the first one lowest. */
export function drawOn(context: CanvasRenderingContext2D, shapes: readonly DrawnShape[]): void {
  for (const shape of shapes) {
    context.save()
    context.lineJoin = 'round'
    context.globalAlpha *= shape.opacity ?? 1
    context.lineWidth = shape.strokeWidth ?? 1
    if (shape.stroke !== undefined) context.strokeStyle = shape.stroke
    if (shape.fill !== undefined) context.fillStyle = shape.fill
    paint(context, shape)
    context.restore()
  }
}

const number = (value: number): string => String(Number(value.toFixed(2)))
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '')

function paintOf({ kind, fill, fillOpacity, stroke, strokeWidth, opacity }: DrawnShape): string {
  const values = {
    fill: fill ?? 'none',
    'fill-opacity': fillOpacity,
    stroke,
    'stroke-width': stroke === undefined ? undefined : number(strokeWidth ?? 1),
    'stroke-linejoin': stroke === undefined ? undefined : 'round',
    'paint-order': kind === 'text' && stroke !== undefined ? 'stroke' : undefined,
    opacity
  }
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
}

/** The parts of a path between numbers that are not finite. */
function polylines(points: ArrayLike<number>): string[] {
  const parts: string[][] = [[]]
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!]
    if (Number.isFinite(x) && Number.isFinite(y)) parts.at(-1)!.push(`${number(x)},${number(y)}`)
    else parts.push([])
  }
  return parts.filter(part => part.length > 0).map(part => part.join(' '))
}

function markupOf(shape: DrawnShape, id: string): string {
  const paint = paintOf(shape)
  if (shape.kind === 'line')
    return polylines(shape.points)
      .map(points => `<polyline points="${points}"${paint}/>`)
      .join('')
  if (shape.kind === 'text') {
    const { text, x, y, fontSize, anchor } = shape
    if (!Number.isFinite(x + y)) return ''
    return (
      `<text x="${number(x)}" y="${number(y)}" font-family="${font}" font-size="${number(fontSize)}" ` +
      `text-anchor="${anchor}" dominant-baseline="central"${paint}>${escaped(text)}</text>`
    )
  }
  const { left, top, width, height } = shape
  if (!Number.isFinite(left + top + width + height)) return ''
  const [x, y, w, h] = [left, top, width, height].map(number)
  if (shape.kind === 'ellipse')
    return (
      `<ellipse cx="${number(left + width / 2)}" cy="${number(top + height / 2)}" rx="${number(width / 2)}" ` +
      `ry="${number(height / 2)}"${paint}/>`
    )
  const rect = `<rect x="${x}" y="${y}" width="${w}" height="${h}"`
  if (shape.kind !== 'clip') return `${rect}${paint}/>`
  return (
    `<clipPath id="${id}">${rect}/></clipPath>` +
    `<g clip-path="url(#${id})">${markupAll(shape.shapes, id)}</g>`
  )
}

const markupAll = (shapes: readonly DrawnShape[], id: string): string =>
  shapes.map((shape, i) => markupOf(shape, `${id}-${i}`)).join('')

/** The same shapes as a whole SVG file; equal input gives equal text. */
export const svgOf = (shapes: readonly DrawnShape[], { width, height }: PictureSize): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
  `${markupAll(shapes, 'part')}</svg>`
