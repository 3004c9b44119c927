import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Speed, StartMessage, WindowMessage } from './runner.ts'
import type { Subject } from './subject.ts'

/** A process that measures one window of training when asked. */
export interface Contestant {
  /** Speed over the next `seconds`. */
  window(seconds: number): Promise<Speed>
  close(): Promise<void>
}

/** One of our engines in a process of its own, warmed up. */
export async function startEngine(engine: string, subject: Subject, threads: number): Promise<Contestant> {
  const child = fork(join(import.meta.dirname, 'runner.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const ask = async (message: StartMessage | WindowMessage): Promise<unknown> => {
    child.send(message)
    const answer = once(child, 'message') as Promise<[unknown]>
    return (await Promise.race([answer, failureOf(child)]))[0]
  }
  await ask({ start: { ...subject, engine, threads } })
  return {
    window: async seconds => (await ask({ seconds })) as Speed,
    close: () => end(child)
  }
}

/** The same step in eager PyTorch, by the given interpreter. */
export async function startTorch(python: string, subject: Subject, threads: number): Promise<Contestant> {
  const script = join(import.meta.dirname, 'peers', 'iql_torch.py')
  const options = ['--threads', String(threads), '--batch-size', String(subject.batchSize)]
  const child = spawn(python, [script, ...options, '--hidden', ...subject.hidden.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async (): Promise<unknown> => {
    const line = await Promise.race([lines.next(), failureOf(child)])
    return JSON.parse(String((line as IteratorResult<string>).value)) as unknown
  }
  await read()
  return {
    window: async seconds => {
      child.stdin.write(`${seconds}\n`)
      return (await read()) as Speed
    },
    close: () => end(child)
  }
}

async function failureOf(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`a benchmark process ended early (exit code ${code})`)
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}
