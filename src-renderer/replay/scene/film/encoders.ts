import type { FilmFormat } from './plan.ts'

/** Takes pictures one after the other and gives a file. */
export interface FilmEncoder {
  /** Adds what the canvas shows now. */
  add(): Promise<void>
  finish(): Promise<Blob>
  /** Frees what an unfinished film holds. */
  cancel(): Promise<void>
}

type OpenEncoder = (canvas: HTMLCanvasElement, framesPerSecond: number) => Promise<FilmEncoder>

const nothing = (): Promise<void> => Promise.resolve()

/** VP9 in WebM by the browser's own encoder. */
const openWebm: OpenEncoder = async (canvas, framesPerSecond) => {
  if (!('VideoEncoder' in globalThis))
    throw new Error('This window has no video encoder; export a GIF or PNG frames instead.')
  const { BufferTarget, CanvasSource, Output, QUALITY_HIGH, WebMOutputFormat } = await import('mediabunny')
  const target = new BufferTarget()
  const output = new Output({ format: new WebMOutputFormat(), target })
  const source = new CanvasSource(canvas, { codec: 'vp9', bitrate: QUALITY_HIGH })
  output.addVideoTrack(source, { frameRate: framesPerSecond })
  await output.start()
  let frame = 0
  return {
    add: () => source.add(frame++ / framesPerSecond, 1 / framesPerSecond),
    finish: async () => {
      await output.finalize()
      return new Blob([target.buffer ?? new ArrayBuffer(0)], { type: 'video/webm' })
    },
    cancel: () => output.cancel()
  }
}

/** Each frame with a palette of its own; times are hundredths of a second. */
const openGif: OpenEncoder = async (canvas, framesPerSecond) => {
  const { GIFEncoder, applyPalette, quantize } = await import('gifenc')
  const gif = GIFEncoder()
  let frame = 0
  const time = (index: number): number => Math.round((100 * index) / framesPerSecond)
  return {
    add: () => {
      const { width, height } = canvas
      const { data } = contextOf(canvas).getImageData(0, 0, width, height)
      const palette = quantize(data, 256)
      const delay = 10 * (time(frame + 1) - time(frame))
      gif.writeFrame(applyPalette(data, palette), width, height, {
        palette,
        delay,
        repeat: 0,
        first: frame === 0
      })
      frame++
      return Promise.resolve()
    },
    finish: () => {
      gif.finish()
      return Promise.resolve(new Blob([gif.bytes()], { type: 'image/gif' }))
    },
    cancel: nothing
  }
}

/** A zip of `frame-0000.png` and so on. */
const openFrames: OpenEncoder = async canvas => {
  const { Zip, ZipPassThrough } = await import('fflate')
  const parts: BlobPart[] = []
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    parts.push(chunk.slice())
  })
  let frame = 0
  return {
    add: async () => {
      const file = new ZipPassThrough(`frame-${String(frame++).padStart(4, '0')}.png`)
      // Equal films are equal files.
      file.mtime = new Date(2000, 0, 1)
      zip.add(file)
      file.push(new Uint8Array(await (await pngOf(canvas)).arrayBuffer()), true)
    },
    finish: () => {
      zip.end()
      return Promise.resolve(new Blob(parts, { type: 'application/zip' }))
    },
    cancel: () => {
      zip.terminate()
      return Promise.resolve()
    }
  }
}

const openers: Readonly<Record<Exclude<FilmFormat, 'png' | 'svg'>, OpenEncoder>> = {
  webm: openWebm,
  gif: openGif,
  frames: openFrames
}

/** The encoder of a format. @throws Error in a sentence for people where the window lacks what it needs */
export const openEncoder = (
  format: keyof typeof openers,
  canvas: HTMLCanvasElement,
  framesPerSecond: number
): Promise<FilmEncoder> => openers[format](canvas, framesPerSecond)

/** The canvas as a PNG file. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('The picture could not be encoded.'))),
      'image/png'
    )
  )
}

/** The canvas as something to draw on in two dimensions. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('This window cannot draw pictures.')
  return context
}
