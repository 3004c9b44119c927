import type { StoredTensors, TensorArray } from '../base/safetensors.ts'

/** A tensor of a rollout file whose type and shape were checked. */
export interface Column<A> {
  readonly shape: readonly number[]
  readonly data: A
}

type ArrayType<A extends TensorArray> = new (length: number) => A

/** Reads the tensors of a rollout file, each of which must have the type and the shape that it is for. */
export class RolloutTensors {
  readonly #tensors: StoredTensors

  constructor(tensors: StoredTensors) {
    this.#tensors = tensors
  }

  has(name: string): boolean {
    return name in this.#tensors
  }

  /** Whether a tensor is there and has so many axes. */
  hasShape(name: string, axes: number): boolean {
    return this.has(name) && this.#tensors[name].shape.length === axes
  }

  /**
   * A tensor, or null where the file has none.
   * @param types what its numbers may be
   * @param shape wanted sizes; null stands for any
   * @throws Error in words where it is of another type or shape
   */
  find<A extends TensorArray>(
    name: string,
    types: readonly ArrayType<A>[],
    shape: readonly (number | null)[]
  ): Column<A> | null {
    if (!this.has(name)) return null
    const found = this.#tensors[name]
    const type = types.find(make => found.data instanceof make)
    if (type === undefined)
      throw new Error(
        `its ${name} are ${found.data.constructor.name}, not ${types.map(t => t.name).join(' or ')}`
      )
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, axis) => size === null || found.shape[axis] === size)
    if (!fits) throw new Error(`its ${name} have shape ${sizes(found.shape)}, not ${sizes(shape)}`)
    return { shape: found.shape, data: found.data as A }
  }

  /** A tensor that every rollout has. @throws Error in words where it is missing, too */
  need<A extends TensorArray>(
    name: string,
    types: readonly ArrayType<A>[],
    shape: readonly (number | null)[]
  ): Column<A> {
    const found = this.find(name, types, shape)
    if (found === null) throw new Error(`it has no ${name}`)
    return found
  }
}

const sizes = (shape: readonly (number | null)[]): string =>
  `[${shape.map(size => size ?? 'any').join(', ')}]`
