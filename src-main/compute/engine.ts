import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { Execution } from '../../src-preload/contract/execution.ts'
import type { Precision } from '../../src-preload/contract/precision.ts'
import type { HostTensors, NumericArray } from '../base/tensors.ts'
import type { Program, PureFunction } from './program.ts'

export interface CompileOptions {
  /** Threads inside one operation; fixed when a run starts, because it can change bits. */
  readonly threads: number
  /** Of matrix products in training steps, float32 when absent; `describe` says which formats an engine has here. */
  readonly precision?: Precision
  /** Gets a sentence on how the program runs, and why, from engines that have several ways; another one if that changes. */
  readonly note?: (text: string) => void
  /** Gets how the program ran once a call has come through, from engines that have several ways; it stays so. */
  readonly runsAs?: (execution: Execution) => void
}

export interface RunRequest {
  /** K, the number of steps in this call. */
  readonly steps: number
  /** Rows of the resident columns, [K * batchSize], step-major. */
  readonly indices: Int32Array
  /** Each [K, ...shape], step-major. */
  readonly noise: Readonly<Record<string, Float32Array>>
}

export interface RunResult {
  /** [K, metrics], in the program's order; [K, metrics, lanes] for a stacked program. */
  readonly metrics: Float32Array
  /** [K], or [K, lanes] for a stacked program; 0 where any state tensor or metric of that step (and lane) is non-finite. */
  readonly finite: Uint8Array
}

/** A compiled program with its state. Calls must not overlap. */
export interface Session {
  /** Replaces the state. */
  load(state: HostTensors): Promise<void>
  /** Replaces resident columns, [N, width] each; N equal for all. */
  setColumns(columns: Readonly<Record<string, Float32Array>>): Promise<void>
  run(request: RunRequest): Promise<RunResult>
  /** A copy of the state. */
  read(): Promise<HostTensors>
  close(): Promise<void>
}

/** A compiled function with bound parameters. */
export interface Callable {
  bind(params: HostTensors): Promise<void>
  call(inputs: Readonly<Record<string, NumericArray>>): Promise<Readonly<Record<string, NumericArray>>>
  close(): Promise<void>
}

/** A way to run programs; results agree with `eager` within stated tolerances, and repeat bit for bit on the same CPU. */
export interface Engine {
  readonly id: string
  describe(): Promise<EngineInfo>
  compile(program: Program, options: CompileOptions): Promise<Session>
  compileFunction(fn: PureFunction, options: CompileOptions): Promise<Callable>
}
