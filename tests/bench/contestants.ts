import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Precision } from '../../src-preload/contract/precision.ts'
import { processEnvironment } from '../../src-main/engines/measure.ts'
import type { Evaluated, EvaluationStart } from './evaluationRunner.ts'
import type { Speed, StartMessage, Started, WindowMessage } from './runner.ts'
import type { Subject } from './subject.ts'

/** A process that measures one window of training when asked. */
export interface Contestant {
  /** Speed over the next seconds or steps. */
  window(asked: WindowMessage): Promise<Speed>
  close(): Promise<void>
}

/** What can be started and measured. */
export interface Entry {
  readonly engine: string
  readonly device: string
  readonly precision: string
  /** @param core number of the processor core that a run of one thread may keep to */
  start(threads: number, core: number | null): Promise<Contestant>
}

/** Longer than any compilation; a process that is silent for so long is stuck. */
const patienceMs = 180_000

/** A process of ours that answers messages. */
interface Asked {
  /** @throws Error with the last words of the process when it ends first */
  readonly ask: (message: object) => Promise<unknown>
  readonly close: () => Promise<void>
}

function startProcess(file: string, threads: number): Asked {
  const child = fork(join(import.meta.dirname, file), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...processEnvironment(threads, 'float32') }
  })
  const failed = failureOf(child)
  return {
    ask: async message => {
      const answer = once(child, 'message') as Promise<[unknown]>
      child.send(message)
      return (await answerOf(child, failed, answer))[0]
    },
    close: () => end(child)
  }
}

/**
 * One of our engines in a process of its own, warmed up.
 * @throws Error with the last words of the process when it ends
 */
export async function startEngine(
  engine: string,
  precision: string,
  subject: Subject,
  threads: number
): Promise<Contestant & { readonly started: Started }> {
  const { ask, close } = startProcess('runner.ts', threads)
  const start: StartMessage['start'] = { ...subject, engine, threads, precision: precision as Precision }
  const started = (await ask({ start })) as Started
  return { started, window: async asked => (await ask(asked)) as Speed, close }
}

/**
 * Evaluation of a policy by one of our engines, in a process of its own.
 * @throws Error with the last words of the process when it ends
 */
export async function startEvaluation(start: EvaluationStart) {
  const { ask, close } = startProcess('evaluationRunner.ts', start.threads)
  await ask({ start })
  return { window: async (seconds: number) => (await ask({ seconds })) as Evaluated, close }
}

/**
 * The same step by a Python library: a script under `peers/`.
 * @throws Error with the last words of the process when it ends
 */
export async function startPeer(
  python: string,
  script: string,
  subject: Subject,
  threads: number,
  core: number | null
): Promise<Contestant> {
  const options = ['--algorithm', subject.algorithm, '--threads', String(threads)]
  options.push('--batch-size', String(subject.batchSize), '--hidden', ...subject.hidden.map(String))
  // JAX takes all cores whatever it is told, so runs of one thread are kept to a core each.
  if (core !== null) options.push('--core', String(core))
  const child = spawn(python, [join(import.meta.dirname, 'peers', script), ...options], {
    stdio: ['pipe', 'pipe', 'pipe']
  })
  const failed = failureOf(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async (): Promise<unknown> => {
    const line: IteratorResult<string> = await answerOf(child, failed, lines.next())
    return line.done ? failed : (JSON.parse(line.value) as unknown)
  }
  await read()
  return {
    window: async asked => {
      if (!('seconds' in asked)) throw new Error('peers measure by time')
      child.stdin.write(`${asked.seconds}\n`)
      return (await read()) as Speed
    },
    close: () => end(child)
  }
}

/** Rejects when a process ends, with its last words. */
function failureOf(child: ChildProcess): Promise<never> {
  let words = ''
  child.stderr?.on('data', (text: Buffer) => (words = (words + text.toString()).slice(-4000)))
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const last = words.trim().split('\n').at(-1)
      reject(new Error(`its process ended with ${signal ?? `exit code ${code}`}${last ? `: ${last}` : ''}`))
    })
  })
  failed.catch(() => undefined) // A process that we end has nobody who waits for it.
  return failed
}

/** The answer of a process, unless it ends first or says nothing for very long. */
async function answerOf<T>(child: ChildProcess, failed: Promise<never>, answer: Promise<T>): Promise<T> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  try {
    return await Promise.race([answer, failed])
  } finally {
    clearTimeout(timer)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
