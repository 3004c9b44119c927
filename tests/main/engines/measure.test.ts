import { describe, expect, test } from 'vitest'
import type { MeasuredSize } from '../../../src-preload/contract/engines.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import type { Contestant } from '../../../src-main/engines/choice.ts'
import { createMeasurer } from '../../../src-main/engines/measure.ts'
import type { FromMeasuring, ToMeasuring } from '../../../src-main/engines/measureMessages.ts'

const size: MeasuredSize = {
  ...{ algorithm: 'bc', hiddenSizes: [8], batchSize: 8, threads: 1 },
  ...{ observationSize: 4, actionSize: 4, actions: 'continuous' }
}
const one = (engine: string): Contestant => ({ engine, precision: 'float32' })
const never = new AbortController().signal
const quiet = () => undefined

type Behave = (
  message: ToMeasuring,
  say: (answer: FromMeasuring) => void,
  exit: (code: number) => void
) => void

/** Processes that behave as the test says, by engine. */
function fakeHost(behaviour: Readonly<Record<string, Behave>>) {
  const asked: string[] = []
  const environments: (Readonly<Record<string, string>> | undefined)[] = []
  let alive = 0
  const host: ProcessHost = {
    start: (_entry, options) => {
      environments.push(options?.environment)
      alive++
      let engine = ''
      let dead = false
      let say: (answer: unknown) => void = quiet
      let exited: (code: number | null, signal: string | null) => void = quiet
      const end = (code: number | null, signal: string | null): void => {
        if (dead) return
        dead = true
        alive--
        exited(code, signal)
      }
      const child: ChildHandle = {
        pid: 1,
        send: raw => {
          const message = raw as ToMeasuring
          if (message.kind === 'start') engine = message.engine
          asked.push(`${engine} ${message.kind}`)
          behaviour[engine]?.(message, say, code => end(code, null))
        },
        onMessage: listener => void (say = listener),
        onExit: listener => void (exited = listener),
        kill: () => end(null, 'SIGKILL')
      }
      return child
    }
  }
  return { host, asked, environments, alive: () => alive }
}

const steady =
  (...speeds: number[]): Behave =>
  (message, say) =>
    say(
      message.kind === 'start'
        ? { kind: 'ready', compileSeconds: 2 }
        : { kind: 'speed', stepsPerSecond: speeds.shift() ?? 0 }
    )

describe('measuring side by side', () => {
  test('lets the engines train in turns and takes the median of each', async () => {
    const { host, asked, environments, alive } = fakeHost({ a: steady(1, 100, 3, 2), b: steady(7, 7, 7, 7) })
    const results = await createMeasurer(host)(size, [one('a'), one('b')], quiet, never)
    expect(results).toEqual([
      { ...one('a'), stepsPerSecond: 2.5, compileSeconds: 2, reason: null },
      { ...one('b'), stepsPerSecond: 7, compileSeconds: 2, reason: null }
    ])
    expect(asked.slice(0, 6)).toEqual(['a start', 'b start', 'a window', 'b window', 'a window', 'b window'])
    expect(environments[0]).toMatchObject({ OMP_NUM_THREADS: '1', NVIDIA_TF32_OVERRIDE: '0' })
    expect(alive()).toBe(0)
  })

  test('keeps how the steps of an engine ran', async () => {
    const execution = { mode: 'graph' as const, reason: 'a test' }
    const { host } = fakeHost({
      a: (message, say, exit) =>
        message.kind === 'start'
          ? say({ kind: 'ready', compileSeconds: 2, execution })
          : steady(5)(message, say, exit)
    })
    expect(await createMeasurer(host)(size, [one('a')], quiet, never)).toMatchObject([{ execution }])
  })

  test('lists what fails at the start, crashes or fails while it trains, and goes on with the rest', async () => {
    const { host } = fakeHost({
      refuses: (_, say) => say({ kind: 'failed', reason: 'no such library' }),
      crashes: (_message, _say, exit) => exit(134),
      breaks: (message, say) =>
        say(
          message.kind === 'start'
            ? { kind: 'ready', compileSeconds: 1 }
            : { kind: 'failed', reason: 'training on made-up data gave a non-finite step' }
        ),
      fine: steady(5, 5, 5, 5)
    })
    const engines = ['refuses', 'crashes', 'breaks', 'fine'].map(one)
    const results = await createMeasurer(host)(size, engines, quiet, never)
    expect(results.map(({ stepsPerSecond, reason }) => [stepsPerSecond, reason])).toEqual([
      [null, 'no such library'],
      [null, 'its process ended early (exit code 134)'],
      [null, 'training on made-up data gave a non-finite step'],
      [5, null]
    ])
  })

  test('notices at once that a process has ended between two turns', async () => {
    let turns = 0
    const { host, asked } = fakeHost({
      leaves: (message, say, exit) => {
        steady(1)(message, say, exit)
        if (message.kind === 'window') exit(9)
      },
      fine: (message, say, exit) => {
        if (message.kind === 'window') turns++
        steady(4)(message, say, exit)
      }
    })
    const [left, fine] = await createMeasurer(host)(size, [one('leaves'), one('fine')], quiet, never)
    expect(left).toMatchObject({ stepsPerSecond: null, reason: 'its process ended early (exit code 9)' })
    expect(asked.filter(text => text === 'leaves window')).toHaveLength(1)
    expect([fine.stepsPerSecond, turns]).toEqual([4, 4])
  })

  test('ends its processes when it is called off', async () => {
    const stop = new AbortController()
    const { host, alive } = fakeHost({
      a: (message, say) => {
        if (message.kind === 'start') say({ kind: 'ready', compileSeconds: 1 })
        else stop.abort() // and never answers
      }
    })
    await createMeasurer(host)(size, [one('a')], quiet, stop.signal)
    expect(alive()).toBe(0)
  })

  test('measures real engines in real processes, and says why there is none of a name', async () => {
    const said: string[] = []
    const measure = createMeasurer(nodeProcessHost())
    const discrete: MeasuredSize = { ...size, algorithm: 'awac', actions: 'discrete' }
    const results = await measure(discrete, [one('onnx'), one('nowhere')], text => said.push(text), never)
    expect(results[0]).toMatchObject({ engine: 'onnx', reason: null })
    expect(results[0].stepsPerSecond).toBeGreaterThan(1)
    expect(results[1]).toMatchObject({ stepsPerSecond: null, reason: expect.stringContaining("'nowhere'") })
    expect(said[0]).toBe('compiling with onnx')
  })
})
