import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { MeasuredSize, MeasuringProgress } from '../../../src-preload/contract/engines.ts'
import { createEngineChoice, type Measurer } from '../../../src-main/engines/choice.ts'

const size: MeasuredSize = {
  ...{ algorithm: 'iql', hiddenSizes: [256, 256], batchSize: 256, threads: 2 },
  ...{ observationSize: 32, actionSize: 8, actions: 'continuous' }
}
const small: MeasuredSize = { ...size, hiddenSizes: [64, 64] }
const info = (id: string, change: Partial<EngineInfo> = {}): EngineInfo => ({
  ...{ id, title: id.toUpperCase(), available: true, version: '1', device: 'CPU', reason: null },
  ...change
})
const machine = { processor: 'Processor X', cores: 2 }
const onnx = info('onnx')
const tensorflow = info('tensorflow')
const eager = info('eager')

/** A choice over fake engines with these speeds; a text is the reason of a failure. */
function fixture(
  engines: readonly EngineInfo[],
  speeds: Readonly<Record<string, number | string>>,
  file = join(mkdtempSync(join(tmpdir(), 'stitchwork-choice-')), 'measurements.json')
) {
  const measured: string[][] = []
  const warnings: string[] = []
  const present = { engines }
  let atOnce = 0
  let mostAtOnce = 0
  const measurer: Measurer = async (_size, contestants, say, signal) => {
    measured.push(contestants.map(({ engine, precision }) => `${engine} ${precision}`))
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    say('compiling', 0)
    await new Promise(resolve => setImmediate(resolve))
    say('training in turns', 0.7)
    atOnce--
    if (signal.aborted) return []
    return contestants.map(contestant => {
      const key = contestant.precision === 'float32' ? contestant.engine : `${contestant.engine}/reduced`
      const speed = speeds[key] ?? 1
      return typeof speed === 'number'
        ? { ...contestant, stepsPerSecond: speed, compileSeconds: 1, reason: null }
        : { ...contestant, stepsPerSecond: null, compileSeconds: null, reason: speed }
    })
  }
  const log = {
    info: () => undefined,
    warning: (text: string) => void warnings.push(text),
    error: (text: string) => void warnings.push(text)
  }
  const open = (on = machine) =>
    createEngineChoice({
      ...{ file, machine: on, measurer, log },
      engines: async () => present.engines,
      otherRuns: () => 3
    })
  return { file, measured, warnings, present, open, choice: open(), mostAtOnce: () => mostAtOnce }
}

describe('auto', () => {
  test('takes the fastest and says why', async () => {
    const { choice, measured } = fixture([onnx, tensorflow, eager], { onnx: 171.4, tensorflow: 342.2 })
    expect(await choice.choose(size, 'float32')).toEqual({
      engine: 'tensorflow',
      why: 'the fastest here for this network: onnx 171 steps/s, tensorflow 342 steps/s'
    })
    expect(measured).toEqual([['onnx float32', 'tensorflow float32']])
  })

  test('tells the speeds that it knows, and measures nothing for it', async () => {
    const { choice, measured } = fixture([onnx, tensorflow, eager], { onnx: 171.4, tensorflow: 342.2 })
    expect(choice.knownSpeed(size, 'auto', 'float32')).toBeNull()
    await choice.choose(size, 'float32')
    expect(choice.knownSpeed(size, 'auto', 'float32')).toBe(342.2)
    expect(choice.knownSpeed(size, 'onnx', 'float32')).toBe(171.4)
    expect(choice.knownSpeed(size, 'eager', 'float32')).toBeNull()
    expect(choice.knownSpeed(size, 'auto', 'bfloat16')).toBeNull()
    expect(choice.knownSpeed(small, 'auto', 'float32')).toBeNull()
    expect(measured).toHaveLength(1)
  })

  test('may choose another engine at another size', async () => {
    const speeds: Record<string, number> = { onnx: 10, tensorflow: 20 }
    const { choice } = fixture([onnx, tensorflow], speeds)
    expect((await choice.choose(size, 'float32')).engine).toBe('tensorflow')
    speeds.onnx = 900
    expect((await choice.choose(small, 'float32')).engine).toBe('onnx')
    expect((await choice.choose(size, 'float32')).engine).toBe('tensorflow')
  })

  test('takes the only compiled engine without measuring', async () => {
    const absent = info('tensorflow', { available: false, reason: 'not installed' })
    const { choice, measured } = fixture([absent, onnx, eager], {})
    expect((await choice.choose(size, 'float32')).engine).toBe('onnx')
    expect(measured).toEqual([])
  })

  test('falls back on op by op where nothing is compiled, and where every compiled engine fails', async () => {
    expect((await fixture([eager], {}).choice.choose(size, 'float32')).engine).toBe('eager')
    const { choice } = fixture([onnx, tensorflow, eager], { onnx: 'no memory', tensorflow: 'crashed' })
    expect(await choice.choose(size, 'float32')).toEqual({
      engine: 'eager',
      why: 'the compiled engines failed on this network: onnx failed (no memory); tensorflow failed (crashed)'
    })
  })

  test('lists an engine that fails with its reason and does not take it', async () => {
    const { choice } = fixture([onnx, tensorflow], { onnx: 5, tensorflow: 'it did not answer within 120 s' })
    expect((await choice.choose(size, 'float32')).engine).toBe('onnx')
    const [{ speeds, fastest }] = await choice.measurements()
    expect(fastest).toBe('onnx')
    expect(speeds.find(({ engine }) => engine === 'tensorflow')).toMatchObject({
      stepsPerSecond: null,
      reason: 'it did not answer within 120 s'
    })
  })

  test('measures once, however many runs ask at the same time and afterwards', async () => {
    const { choice, measured, open, mostAtOnce } = fixture([onnx, tensorflow], { onnx: 1, tensorflow: 2 })
    const asked = [...Array(10).fill(size), ...Array(10).fill(small)].map((each: MeasuredSize) =>
      choice.choose(each, 'float32')
    )
    expect(new Set((await Promise.all(asked)).map(({ engine }) => engine))).toEqual(new Set(['tensorflow']))
    await open().choose(size, 'float32')
    expect(measured).toHaveLength(2)
    expect(mostAtOnce()).toBe(1)
  })

  test('measures anew with another version, another engine, other threads, another machine', async () => {
    const { choice, measured, present, open } = fixture([onnx, tensorflow], { onnx: 1, tensorflow: 2 })
    await choice.choose(size, 'float32')
    present.engines = [onnx, info('tensorflow', { version: '2' })]
    await choice.choose(size, 'float32')
    expect(measured).toHaveLength(2)
    present.engines = [...present.engines, info('onnx-webgpu')]
    expect((await choice.measurements())[0]).toMatchObject({ current: false })
    await choice.choose(size, 'float32')
    expect(measured).toHaveLength(3)
    expect((await choice.measurements())[0]).toMatchObject({ current: true, otherRuns: 3 })
    await choice.choose({ ...size, threads: 1 }, 'float32')
    expect(measured).toHaveLength(4)
    await open({ ...machine, cores: 8 }).choose(size, 'float32')
    expect(measured).toHaveLength(5)
    expect(await open({ ...machine, cores: 8 }).measurements()).toHaveLength(1)
    expect(await choice.measurements()).toHaveLength(2)
  })

  test.each([
    ['cut', '{"format": 1, "measurements": [{"mach'],
    ['of another version', '{"format": 2, "measurements": []}'],
    ['empty', '']
  ])('a %s file is ignored with a line in the log, and rewritten', async (_, content) => {
    const { choice, file, warnings } = fixture([onnx, tensorflow], { onnx: 1, tensorflow: 2 })
    writeFileSync(file, content)
    expect((await choice.choose(size, 'float32')).engine).toBe('tensorflow')
    expect(warnings).toEqual([expect.stringContaining('is damaged or of another version')])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 1, measurements: [{ size }] })
    expect(await choice.measurements()).toHaveLength(1)
  })

  test('a damaged measurement costs itself alone', async () => {
    const { choice, file, warnings, measured } = fixture([onnx, tensorflow], { onnx: 1, tensorflow: 2 })
    await choice.choose(size, 'float32')
    await choice.choose(small, 'float32')
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { measurements: { speeds: unknown }[] }
    kept.measurements[0].speeds = 'fast'
    writeFileSync(file, JSON.stringify(kept))
    expect(await choice.measurements()).toMatchObject([{ size }])
    expect(warnings[0]).toMatch(/^1 measurements in .* are damaged; those sizes are measured anew$/)
    await choice.choose(size, 'float32')
    expect(measured).toHaveLength(2)
    await choice.choose(small, 'float32')
    expect(measured).toHaveLength(3)
  })

  test('tries an engine that failed again once it is installed anew, and leaves other measurements', async () => {
    const speeds: Record<string, number | string> = { onnx: 5, tensorflow: 'no memory' }
    const { choice, measured } = fixture([onnx, tensorflow], speeds)
    expect((await choice.choose(size, 'float32')).engine).toBe('onnx')
    speeds.tensorflow = 20
    expect((await choice.choose(size, 'float32')).engine).toBe('onnx')
    await choice.choose(small, 'float32')
    choice.renewed('tensorflow')
    expect(await choice.measurements()).toMatchObject([{ size: small }])
    expect((await choice.choose(size, 'float32')).engine).toBe('tensorflow')
    expect(measured).toHaveLength(3)
  })

  test('chooses among those that are left when the fastest was removed', async () => {
    const { choice, present } = fixture([onnx, tensorflow, info('onnx-cuda')], { onnx: 1, tensorflow: 3 })
    expect((await choice.choose(size, 'float32')).engine).toBe('tensorflow')
    present.engines = [onnx, info('tensorflow', { available: false, reason: 'removed' }), eager]
    expect(await choice.choose(size, 'float32')).toEqual({ engine: 'onnx', why: 'ONNX is the only one here' })
    expect((await choice.measurements())[0]).toMatchObject({ current: false })
  })

  test('a measuring that was called off chooses nothing and leaves nothing behind', async () => {
    const { choice } = fixture([onnx, tensorflow], {})
    const asked = choice.choose(size, 'float32')
    choice.close()
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
    expect(await choice.measurements()).toEqual([])
  })
})

describe('auto with another precision', () => {
  const reduced = info('tensorflow', { precisions: [{ precision: 'bfloat16', reason: null }] })
  const noUnits = info('onnx', { precisions: [{ precision: 'bfloat16', reason: 'no AMX here' }] })

  test('takes the only engine that has it without measuring', async () => {
    const { choice, measured } = fixture([onnx, reduced], {})
    expect(await choice.choose(size, 'bfloat16')).toEqual({
      engine: 'tensorflow',
      why: 'only TENSORFLOW has bfloat16 here'
    })
    expect(measured).toEqual([])
  })

  test('measures those that have it in it', async () => {
    const other = info('onnx', { precisions: [{ precision: 'bfloat16', reason: null }] })
    const speeds = { onnx: 9, tensorflow: 1, 'onnx/reduced': 10, 'tensorflow/reduced': 20 }
    const { choice, measured } = fixture([other, reduced], speeds)
    expect((await choice.choose(size, 'bfloat16')).engine).toBe('tensorflow')
    expect((await choice.choose(size, 'float32')).engine).toBe('onnx')
    expect(measured).toHaveLength(1)
  })

  test('is refused with every reason where no engine has it', async () => {
    const { choice } = fixture([noUnits, tensorflow], {})
    await expect(choice.choose(size, 'bfloat16')).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(
        /onnx: no AMX here; tensorflow: this engine has no bfloat16.*choose float32/
      )
    })
  })
})

describe('measuring by hand', () => {
  const collect = async (items: AsyncIterable<MeasuringProgress>): Promise<MeasuringProgress[]> => {
    const all: MeasuringProgress[] = []
    for await (const item of items) all.push(item)
    return all
  }

  test('measures every size in every format anew, and ends each with its result', async () => {
    const reduced = info('tensorflow', {
      precisions: [
        { precision: 'bfloat16', reason: null },
        { precision: 'tf32', reason: 'no GPU' }
      ]
    })
    const { choice, measured } = fixture([onnx, reduced, eager], { onnx: 5, tensorflow: 10 })
    await choice.choose(size, 'float32')
    const items = await collect(choice.measure([size, small], new AbortController().signal))
    expect(measured.slice(1)).toEqual(
      Array(2).fill(['onnx float32', 'tensorflow float32', 'tensorflow bfloat16'])
    )
    const ends = items.filter(({ measurement }) => measurement !== null)
    expect(ends.map(({ size: { hiddenSizes }, share }) => [hiddenSizes, share])).toEqual([
      [[256, 256], 0.5],
      [[64, 64], 1]
    ])
    expect(ends[0].measurement).toMatchObject({ fastest: 'tensorflow', current: true, otherRuns: 3 })
    expect(await choice.measurements()).toHaveLength(2)
  })

  test('stops after the size in hand when nobody listens any more', async () => {
    const { choice, measured } = fixture([onnx, tensorflow], {})
    const stop = new AbortController()
    for await (const _ of choice.measure([size, small], stop.signal)) stop.abort()
    await choice.choose(size, 'float32')
    expect(measured).toHaveLength(1)
  })

  test('measures op by op where nothing is compiled', async () => {
    const { choice, measured } = fixture([eager], {})
    await collect(choice.measure([size], new AbortController().signal))
    expect(measured).toEqual([['eager float32']])
  })
})
