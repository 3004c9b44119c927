/** What a film of a replay is made of. */
export interface FilmSettings {
  readonly format: FilmFormat
  readonly width: number
  readonly height: number
  readonly framesPerSecond: number
  /** Steps of the longest episode, first and last. */
  readonly from: number
  readonly to: number
  /** Steps a second of film. */
  readonly stepsPerSecond: number
}

export const filmFormats = ['webm', 'gif', 'frames', 'png', 'svg'] as const
export type FilmFormat = (typeof filmFormats)[number]

/** Formats of one moment instead of a stretch. */
export const isStill = (format: FilmFormat): boolean => format === 'png' || format === 'svg'

const mostFramesPerSecond = 60
/** A film of more frames would not fit into the memory of a page. */
export const mostFrames = 3000

type Pace = Pick<FilmSettings, 'from' | 'to' | 'framesPerSecond' | 'stepsPerSecond'>

/** Frames of a film, both ends included. */
export const frameCount = ({ from, to, framesPerSecond, stepsPerSecond }: Pace): number =>
  Math.max(1, Math.floor(((to - from) * framesPerSecond) / stepsPerSecond + 1e-9) + 1)

/** The clock of every frame, equally spaced; a film is a function of these alone and not of how fast it was made. */
export const frameTimes = (pace: Pace): readonly number[] =>
  Array.from(
    { length: frameCount(pace) },
    (_, index) => pace.from + (index * pace.stepsPerSecond) / pace.framesPerSecond
  )

/** Why a film cannot be made as asked, in one sentence; null when it can. */
export function filmProblem(settings: FilmSettings): string | null {
  const { format, from, to, width, height } = settings
  if (isStill(format)) return null
  const { framesPerSecond, stepsPerSecond } = settings
  // An empty field is no number.
  if (![from, to].every(value => typeof value === 'number' && Number.isFinite(value)))
    return 'The film needs a first and a last step.'
  if (!(framesPerSecond >= 1 && framesPerSecond <= mostFramesPerSecond && stepsPerSecond > 0))
    return `The film needs 1 to ${mostFramesPerSecond} frames a second.`
  if (!(to > from)) return `The film would go from step ${from} to ${to}; choose a later end.`
  if (width % 2 === 1 || height % 2 === 1)
    return `${width} x ${height} has an odd side; films need even ones.`
  const frames = frameCount(settings)
  if (frames > mostFrames)
    return `That are ${frames} frames, more than ${mostFrames}; choose a shorter stretch, fewer frames a second or a higher speed.`
  return null
}

const endings: Readonly<Record<FilmFormat, string>> = {
  webm: 'webm',
  gif: 'gif',
  frames: 'zip',
  png: 'png',
  svg: 'svg'
}

/** What a file of some tracks is called: letters, digits and dashes of their names, whatever they hold. */
export const filmName = (tracks: readonly string[], format: FilmFormat): string =>
  `replay-${tracks.map(name => name.replace(/[^\w-]+/g, '-')).join('_')}`.slice(0, 80) + `.${endings[format]}`
