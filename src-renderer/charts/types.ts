/** How values run along the x axis. */
export type XAxis = 'step' | 'seconds'

/** How x values are written: `clock` in seconds and their parts, `percent` of an episode. */
export type AxisFormat = XAxis | 'clock' | 'percent'

/** One line as a chart draws it: at most some 1000 finite points, sorted by x. */
export interface ChartLine {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly x: Float64Array
  readonly y: Float64Array
  /** Edges of a band around the line, of the same length as `x`. */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array }
  readonly opacity?: number
  readonly width?: number
  readonly dash?: 'solid' | 'dashed' | 'dotted'
  /** Points without a line between them: values that have nothing in between, such as choices. */
  readonly points?: boolean
  /** Left out of the legend and the tooltip: members of a group, raw lines behind smoothed ones. */
  readonly quiet?: boolean
  /** Positions of non-finite points, drawn as marks at the top edge, because no line can show them. */
  readonly nonFinite?: { readonly x: Float64Array; readonly values: Float64Array }
}

/** A permanent horizontal line with its label, such as the mean return of the data. */
export interface ReferenceLine {
  readonly label: string
  readonly value: number
  readonly colour?: string
}

/** A permanent vertical line, such as the seam of a resumed run. */
export interface SeamLine {
  readonly x: number
  /** Written with `x` at its upper end; empty for a line without words. */
  readonly label: string
  readonly colour?: string
}

export interface ChartSpec {
  readonly lines: readonly ChartLine[]
  readonly references?: readonly ReferenceLine[]
  readonly seams?: readonly SeamLine[]
  readonly xName: string
  readonly xRange?: readonly [number, number]
  readonly logY?: boolean
  /** Fit the y axis to the 5-95 % range and say how many points lie outside. */
  readonly ignoreOutliers?: boolean
}
