import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  decodeSafetensors,
  encodeSafetensors,
  readElements,
  readSafetensors,
  readSafetensorsHeader,
  SafetensorsError
} from '../../../src-main/base/safetensors.ts'

const tensors = {
  bytes: { shape: [3], data: Uint8Array.of(1, 2, 255) },
  floats: { shape: [2, 2], data: Float32Array.of(1.5, NaN, -Infinity, 0) },
  halves: { shape: [3], data: Float16Array.of(0.5, NaN, -65504) },
  integers: { shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
  doubles: { shape: [1, 2], data: Float64Array.of(Math.PI, 1e300) },
  scalar: { shape: [], data: Float32Array.of(7) },
  empty: { shape: [0, 4], data: new Float32Array() },
  __proto: { shape: [1], data: Float32Array.of(3) }
}
const bytesOf = (value: typeof tensors) => Buffer.concat(encodeSafetensors(value, { note: 'ü' }))

test('every type, shape and non-finite value comes back, at any alignment', () => {
  const whole = bytesOf(tensors)
  for (const shift of [0, 1, 4]) {
    const moved = new Uint8Array(whole.length + shift)
    moved.set(whole, shift)
    const decoded = decodeSafetensors(moved.subarray(shift))
    expect({ ...decoded.tensors }).toEqual(tensors)
    expect(decoded.metadata).toEqual({ note: 'ü' })
  }
})

test('the layout is the published one: length, JSON with data_offsets, data', () => {
  const whole = bytesOf(tensors)
  const length = Number(whole.readBigUInt64LE(0))
  const header = JSON.parse(whole.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >
  expect(length % 8).toBe(0)
  expect(header.doubles).toEqual({ dtype: 'F64', shape: [1, 2], data_offsets: [0, 16] })
  const [start] = header.integers.data_offsets
  expect(whole.readInt32LE(8 + length + start)).toBe(-1)
})

test('files are read whole with their hash, or by elements', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safetensors-'))
  const path = join(folder, 'x.safetensors')
  await writeFile(path, bytesOf(tensors))
  const read = await readSafetensors(path)
  expect({ ...read.tensors }).toEqual(tensors)
  expect(read.sha256).toMatch(/^[0-9a-f]{64}$/)
  const file = await open(path)
  const header = await readSafetensorsHeader(file)
  expect(Array.from(await readElements(file, header.entries.get('floats')!, 2, 2))).toEqual([-Infinity, 0])
  await file.close()
  await rm(folder, { recursive: true })
})

test('damaged files are refused, never misread', () => {
  const whole = bytesOf(tensors)
  const length = Number(whole.readBigUInt64LE(0))
  for (let cut = 0; cut < whole.length; cut += 7) {
    expect(() => decodeSafetensors(whole.subarray(0, cut))).toThrow(SafetensorsError)
  }
  const wrongType = Buffer.from(whole)
  wrongType.write('U16', wrongType.indexOf('F64'))
  expect(() => decodeSafetensors(wrongType)).toThrow(/tensor doubles has type U16/)
  const hugeHeader = Buffer.from(whole)
  hugeHeader.writeBigUInt64LE(2n ** 63n, 0)
  expect(() => decodeSafetensors(hugeHeader)).toThrow(/claims/)
  const notJson = Buffer.from(whole)
  notJson.fill(0xff, 8, 8 + length)
  expect(() => decodeSafetensors(notJson)).toThrow(/not JSON/)
})
