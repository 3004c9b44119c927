/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * Every number is a function of (seed, stream, step, element), so any engine can draw it and resume needs no generator state.
 */
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High 32 bits of the unsigned product of two 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >>> 16)
  const middleLow = (middle & 0xffff) + aLow * bHigh
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + ((middleLow / 0x10000) | 0)) >>> 0
}

/**
 * One Philox4x32-10 block.
 * @param counter four 32-bit words; overwritten with the output block
 * @param key0 low key word
 * @param key1 high key word
 */
export function philox4x32(counter: Uint32Array, key0: number, key1: number): void {
  let c0 = counter[0]
  let c1 = counter[1]
  let c2 = counter[2]
  let c3 = counter[3]
  let k0 = key0
  let k1 = key1
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0)
    const low0 = Math.imul(M0, c0)
    const high1 = mulHigh(M1, c2)
    const low1 = Math.imul(M1, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  counter[0] = c0
  counter[1] = c1
  counter[2] = c2
  counter[3] = c3
}

const block = new Uint32Array(4)

/** Where a batch of numbers comes from; equal addresses give equal numbers on every machine. */
export interface RandomAddress {
  readonly seed: number
  /** Use of the numbers: `batch`, `noise/action`, `init/actor` ...; hashed to 32 bits. */
  readonly stream: string
  readonly step: number
}

/** 32-bit FNV-1a of a stream name. */
function streamKey(stream: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function blockAt(address: RandomAddress, key1: number, index: number): Uint32Array {
  block[0] = index >>> 0
  block[1] = Math.floor(index / 0x100000000) >>> 0
  block[2] = address.step >>> 0
  block[3] = Math.floor(address.step / 0x100000000) >>> 0
  philox4x32(
    block,
    (address.seed ^ Math.imul(Math.floor(address.seed / 0x100000000), 0x85ebca6b)) >>> 0,
    key1
  )
  return block
}

/**
 * Fills `out` with uniforms in [0, 1): 32-bit resolution in float64, the upper 24 of the same bits in float32,
 * where a finer value would round up to 1.
 */
export function fillUniform(out: Float32Array | Float64Array, address: RandomAddress): void {
  const key1 = streamKey(address.stream)
  const drop = out instanceof Float32Array ? 8 : 0
  const scale = 2 ** (32 - drop)
  for (let i = 0; i < out.length; i += 4) {
    const words = blockAt(address, key1, i >>> 2)
    for (let j = 0; j < 4 && i + j < out.length; j++) out[i + j] = (words[j] >>> drop) / scale
  }
}

/** Fills `out` with standard normals (Box-Muller in float64, two per pair of words). */
export function fillNormal(out: Float32Array | Float64Array, address: RandomAddress): void {
  const key1 = streamKey(address.stream)
  for (let i = 0; i < out.length; i += 4) {
    const words = blockAt(address, key1, i >>> 2)
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[pair] + 0.5) / 0x100000000))
      const angle = (2 * Math.PI * words[pair + 1]) / 0x100000000
      if (i + pair < out.length) out[i + pair] = radius * Math.cos(angle)
      if (i + pair + 1 < out.length) out[i + pair + 1] = radius * Math.sin(angle)
    }
  }
}

/** Fills `out` with integers in [0, below), by multiply-shift; `below` at most 2^32. */
export function fillIntegers(out: Int32Array, below: number, address: RandomAddress): void {
  const key1 = streamKey(address.stream)
  for (let i = 0; i < out.length; i += 4) {
    const words = blockAt(address, key1, i >>> 2)
    for (let j = 0; j < 4 && i + j < out.length; j++)
      out[i + j] = Math.floor((words[j] / 0x100000000) * below)
  }
}

/** A sequence drawn one number at a time, for simulators and generators; `position` is its whole state. */
export class RandomSequence {
  readonly seed: number
  readonly stream: string
  position: number
  readonly #single = new Float64Array(1)

  constructor(seed: number, stream: string, position = 0) {
    this.seed = seed
    this.stream = stream
    this.position = position
  }

  /** A uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    fillUniform(this.#single, { seed: this.seed, stream: this.stream, step: this.position++ })
    return low + (high - low) * this.#single[0]
  }

  /** A standard normal. */
  normal(): number {
    fillNormal(this.#single, { seed: this.seed, stream: this.stream, step: this.position++ })
    return this.#single[0]
  }

  /** An integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      ;[items[i], items[j]] = [items[j], items[i]]
    }
    return items
  }
}
