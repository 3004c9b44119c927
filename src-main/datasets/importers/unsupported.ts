/** Files that are recognisably something else: one sentence that says what they are and what to do. */
import type { Hdf5File } from './hdf5.ts'

export interface OtherFormat {
  readonly name: string
  readonly advice: string
}

const text = (header: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...header.subarray(start, start + length))
const starts = (header: Uint8Array, ...bytes: number[]): boolean =>
  bytes.every((byte, i) => header[i] === byte)

const convert = 'convert it to HDF5 in D4RL layout, to Minari or to CSV'

type Rule = readonly [(header: Uint8Array, name: string) => boolean, string, string]
const rules: readonly Rule[] = [
  [isNpz, 'a NumPy .npz archive (OGBench and others use it)', convert],
  [
    h => text(h, 0, 4) === 'PK\x03\x04' && text(h, 30, 200).includes('data.pkl'),
    'a PyTorch checkpoint',
    'it holds weights, not episodes'
  ],
  [h => text(h, 0, 4) === 'PK\x03\x04', 'a zip archive', 'unpack it and import the file inside'],
  [h => text(h, 1, 5) === 'NUMPY', 'a NumPy .npy array', convert],
  [h => text(h, 0, 4) === 'PAR1', 'a Parquet file', convert],
  [
    h => starts(h, 0x80) && h[1] >= 2 && h[1] <= 5,
    'a Python pickle',
    `pickles can run code when they are read and are never opened; ${convert}`
  ],
  [h => text(h, 1, 3) === 'PNG', 'a PNG image', 'choose the file with the recorded episodes'],
  [h => starts(h, 0xff, 0xd8, 0xff), 'a JPEG image', 'choose the file with the recorded episodes'],
  [h => text(h, 0, 3) === 'GIF', 'a GIF image', 'choose the file with the recorded episodes'],
  [h => text(h, 0, 4) === '%PDF', 'a PDF document', 'choose the file with the recorded episodes'],
  [h => starts(h, 0x1f, 0x8b), 'a gzip archive', 'unpack it and import the file inside'],
  [h => starts(h, 0x28, 0xb5, 0x2f, 0xfd), 'a Zstandard archive', 'unpack it and import the file inside'],
  [h => starts(h, 0xfd, 0x37, 0x7a, 0x58), 'an xz archive', 'unpack it and import the file inside'],
  [h => text(h, 0, 3) === 'BZh', 'a bzip2 archive', 'unpack it and import the file inside'],
  [h => text(h, 0, 2) === '7z' && h[2] === 0xbc, 'a 7-Zip archive', 'unpack it and import the file inside'],
  [h => text(h, 257, 5) === 'ustar', 'a tar archive', 'unpack it and import the file inside'],
  [h => text(h, 0, 15) === 'SQLite format 3', 'an SQLite database', convert],
  [h => text(h, 0, 6) === 'MATLAB', 'a MATLAB file', convert],
  [h => starts(h, 0x7f, 0x45, 0x4c, 0x46), 'a program', 'choose the file with the recorded episodes'],
  [h => starts(h, 0xff, 0xfe) || starts(h, 0xfe, 0xff), 'text in UTF-16', 'save it as UTF-8'],
  [
    (h, name) => /tfrecord/i.test(name) || isTfRecord(h),
    'a TFRecord file (RLDS and TensorFlow Datasets use it)',
    convert
  ],
  [
    isSafetensors,
    'a safetensors file',
    'datasets of this program are imported by their folder name, checkpoints are not datasets'
  ],
  [
    h => /^\s*[{[]/.test(text(h, 0, 64)),
    'a JSON file',
    `${convert}; a Minari dataset is imported by its folder`
  ],
  [
    (h, name) => /\.(csv|tsv|txt)$/i.test(name) && !isUtf8(h),
    'a table in another encoding than UTF-8, or none',
    'save it as UTF-8'
  ],
  [
    h => /^\s*<(!doctype|html|\?xml)/i.test(text(h, 0, 64)),
    'a web page',
    'the download may have failed; fetch the data file itself'
  ]
]

function isNpz(header: Uint8Array): boolean {
  return text(header, 0, 4) === 'PK\x03\x04' && /\.npy/.test(text(header, 30, 200))
}

/** Whether bytes are UTF-8 text, of which the last character may be cut. */
function isUtf8(header: Uint8Array): boolean {
  if (header.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(header, { stream: true })
    return true
  } catch {
    return false
  }
}

/** A TFRecord begins with a 64-bit record length, of which the upper half is 0 in any sane file, and is not text. */
function isTfRecord(header: Uint8Array): boolean {
  return (
    header.length > 16 &&
    header[4] === 0 &&
    header[5] === 0 &&
    header[6] === 0 &&
    header[7] === 0 &&
    header[0] + header[1] > 0 &&
    header[12] === 0x0a
  )
}

function isSafetensors(header: Uint8Array): boolean {
  return header[7] === 0 && header[6] === 0 && header[5] === 0 && header[8] === 0x7b && header[9] === 0x22
}

/** What a file is by its first bytes, when it is none of the formats that are read; null when nobody knows. */
export function otherFormat(header: Uint8Array, name: string): OtherFormat | null {
  const rule = rules.find(([test]) => test(header, name))
  return rule === undefined ? null : { name: rule[1], advice: rule[2] }
}

/** What an HDF5 file is that holds neither D4RL arrays nor Minari episodes. */
export function otherHdf5(file: Hdf5File): OtherFormat {
  const keys = file.keys('/')
  const has = (name: string) => keys.includes(name)
  if (
    has('data') &&
    file.kind('/data') === 'group' &&
    file.keys('/data').some(key => key.startsWith('demo_'))
  ) {
    return { name: 'a robomimic file', advice: convert }
  }
  if (has('episode_terminals') || (has('columns') && has('num_episodes')))
    return { name: 'a d3rlpy file', advice: convert }
  if (has('model_weights') || has('layer_names'))
    return { name: 'a Keras model', advice: 'it holds weights, not episodes' }
  const listed = keys.slice(0, 8).join(', ') || 'nothing'
  return {
    name: `an HDF5 file with ${listed.slice(0, 200)}`,
    advice:
      'expected observations and actions as D4RL has them, or groups episode_0, episode_1 ... as Minari has them'
  }
}
