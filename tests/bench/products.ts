/**
 * The matrix products of a step without anything else: the ceiling of its speed on a machine, an engine and a number of threads.
 *
 * The products are those of the optimised graph, by shape and transposition, in its order; products with a constant (sums
 * written as products) are left out. Each takes a result of the right shape of an earlier one, so that none can be left out,
 * shared or moved out of the loop; other operands are rows of columns, drawn anew at each step as a batch is.
 */
import { add, matMul, mul, reshape, slice, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { floats, sizeOf, type HostTensors } from '../../src-main/base/tensors.ts'
import { optimize } from '../../src-main/compute/passes/index.ts'
import type { Program } from '../../src-main/compute/program.ts'
import { traceProgram } from '../../src-main/compute/trace.ts'

/** One product: the shapes of its operands as they are stored, and which are read transposed. */
export interface Product {
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** The products of one step of a program. */
export function productList(program: Program): Product[] {
  const { nodes } = optimize(traceProgram(program))
  return nodes.flatMap(({ op, inputs, attrs }) => {
    const [a, b] = inputs.map(id => nodes[id])
    if (op !== 'matMul' || a.op === 'constant' || b.op === 'constant') return []
    return [
      { a: a.shape, b: b.shape, transposeA: attrs.transposeA ?? false, transposeB: attrs.transposeB ?? false }
    ]
  })
}

/** Multiplications and additions of all products. */
export function flopsOf(products: readonly Product[]): number {
  const flops = products.map(({ a, b, transposeB }) => 2 * sizeOf(a) * b[b.length - (transposeB ? 2 : 1)])
  return flops.reduce((total, value) => total + value, 0)
}

/** Rows of a column, or an earlier product. */
interface Operand {
  readonly column?: string
  readonly product?: number
}
interface Placed extends Product {
  readonly left: Operand
  readonly right: Operand
}

/** Chooses operands so that every product is one of its own and most results are used. */
export function place(products: readonly Product[]): {
  placed: Placed[]
  columns: Record<string, readonly number[]>
} {
  const columns: Record<string, readonly number[]> = {}
  const unused = new Map<string, number[]>()
  const taken = new Set<string>()
  const pick = (shape: readonly number[], partner: string): string => {
    for (let i = 0; ; i++) {
      const name = `operand${shape.join('x')}n${i}`
      if (taken.has(`${partner} ${name}`)) continue
      taken.add(`${partner} ${name}`)
      columns[name] = shape
      return name
    }
  }
  const placed = products.map((product, index): Placed => {
    const earlier = unused.get(String(product.a))?.shift()
    const how = `${product.transposeA} ${product.transposeB}`
    const left: Operand =
      earlier === undefined
        ? { column: pick(product.a, `left ${how} ${product.b.join('x')}`) }
        : { product: earlier }
    const right = { column: pick(product.b, `${how} ${left.column ?? left.product}`) }
    const shape = String(resultShape(product))
    unused.set(shape, [...(unused.get(shape) ?? []), index])
    return { ...product, left, right }
  })
  return { placed, columns }
}

function resultShape({ a, b, transposeA, transposeB }: Product): number[] {
  const rows = a[a.length - (transposeA ? 1 : 2)]
  const columns = b[b.length - (transposeB ? 2 : 1)]
  return [...(a.length >= b.length ? a : b).slice(0, -2), rows, columns]
}

/** A program of the products of another program's step, whose only state is a counter. */
export function productsOf(step: Program): { program: Program; state: HostTensors } {
  const products = productList(step)
  const { placed, columns } = place(products)
  const { batchSize } = step
  const program: Program = {
    id: `${step.id}/products`,
    state: { count: { shape: [], dtype: 'float32' } },
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, shape]) => [name, { width: Math.ceil(sizeOf(shape) / batchSize) }])
    ),
    batchSize,
    noise: {},
    metrics: ['total'],
    step: (state, batch) => {
      const total = multiply(placed, name => rowsAs(batch[name], columns[name]))
      return { state: { count: add(state.count, 1) }, metrics: { total } }
    }
  }
  return { program, state: { count: floats([]) } }
}

/** Rows drawn from a column, in the shape of an operand. */
function rowsAs(rows: Tensor, shape: readonly number[]): Tensor {
  const size = sizeOf(shape)
  return reshape(rows.size === size ? rows : slice(reshape(rows, [rows.size]), 0, size), [...shape])
}

function multiply(placed: readonly Placed[], operand: (name: string) => Tensor): Scalar {
  const operands = new Map<string, Tensor>()
  const results: Tensor[] = []
  const used = new Set<number>()
  const valueOf = ({ column, product }: Operand): Tensor => {
    if (product !== undefined) return (used.add(product), results[product])
    if (!operands.has(column!)) operands.set(column!, operand(column!))
    return operands.get(column!)!
  }
  for (const { left, right, transposeA, transposeB } of placed)
    results.push(matMul(valueOf(left), valueOf(right), transposeA, transposeB))
  const rest = results.filter((_, index) => !used.has(index))
  return rest.map(result => mul<Scalar>(sum(result), 1e-3)).reduce((total, value) => add(total, value))
}
