/**
 * Engines whose products and sums are taken lane by lane. TensorFlow fuses operations by their shapes, and on a graphics device the
 * size decides how a product is split.
 */
const laneByLane: ReadonlySet<string> = new Set(['eager', 'onnx'])

/** True when a lane gives the same bits in a stack of any size from two, in any place. */
export const sameBitsInAnyStack = (engineId: string): boolean => laneByLane.has(engineId)
