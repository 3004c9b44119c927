import { fillNormal, fillUniform } from '../base/random.ts'

/** How the kernels of a network start. */
export type Initialization = 'orthogonal' | 'uniform'

/** Where a layer's numbers come from. */
export interface InitAddress {
  readonly seed: number
  readonly stream: string
}

/**
 * Uniform in +-1 / sqrt(inputs), for kernels and biases alike: PyTorch's default for linear layers.
 * @param size number of elements
 * @param inputs fan-in of the layer
 */
export function uniformFanIn(size: number, inputs: number, { seed, stream }: InitAddress): Float32Array {
  const values = new Float32Array(size)
  fillUniform(values, { seed, stream, step: 0 })
  const bound = 1 / Math.sqrt(inputs)
  return values.map(value => (2 * value - 1) * bound)
}

/**
 * A random matrix with orthonormal columns (or rows, where there are fewer), times `gain`.
 * Saxe et al. 2013; computed by Gram-Schmidt in float64, orthogonalised twice.
 * @returns row-major [rows, columns]
 */
export function orthogonal(
  rows: number,
  columns: number,
  gain: number,
  { seed, stream }: InitAddress
): Float32Array {
  const length = Math.max(rows, columns)
  const count = Math.min(rows, columns)
  const vectors = Array.from({ length: count }, (_, index) => {
    const vector = new Float64Array(length)
    fillNormal(vector, { seed, stream, step: index })
    return vector
  })
  vectors.forEach((vector, index) => orthonormalise(vector, vectors.slice(0, index)))
  const out = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      out[r * columns + c] = gain * (rows >= columns ? vectors[c][r] : vectors[r][c])
    }
  }
  return out
}

function orthonormalise(vector: Float64Array, earlier: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of earlier) {
      const overlap = dot(vector, other)
      for (let i = 0; i < vector.length; i++) vector[i] -= overlap * other[i]
    }
  }
  const norm = Math.sqrt(dot(vector, vector))
  for (let i = 0; i < vector.length; i++) vector[i] /= norm
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
