/** Entries that run as processes of their own. */
export type ProcessEntry =
  | 'trainer'
  | 'importer'
  | 'gpuProbe'
  | 'tensorflowProbe'
  | 'engineInstaller'
  | 'speedProbe'
  | 'simulator'
  | 'collector'

/** A started process; messages are structured-clone or JSON values, typed at each end. */
export interface ChildHandle {
  readonly pid: number | undefined
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, with the exit code or the signal. */
  onExit(listener: (code: number | null, signal: string | null) => void): void
  /** SIGKILL: stopping must survive it at any moment. */
  kill(): void
}

/** How a process is started: `utilityProcess` in Electron, `child_process.fork` in plain Node. */
export interface ProcessHost {
  start(
    entry: ProcessEntry,
    options?: { readonly environment?: Readonly<Record<string, string>>; readonly maxHeapMb?: number }
  ): ChildHandle
}
