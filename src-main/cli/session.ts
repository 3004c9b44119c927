import { createClient } from '../../src-preload/contract/client.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import { commandLineContract, type CommandLineContract } from '../../src-preload/contract/local.ts'
import { connectHostSocket, hostSocketPath } from '../api/ports/hostSocket.ts'
import { memoryPorts } from '../api/ports/memory.ts'
import { UserError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { nodeProcessHost } from '../base/nodeProcessHost.ts'
import { openHost, type Host } from '../host.ts'

/** A client of the home folder's host, whoever that is. */
export interface Session {
  readonly client: Client<CommandLineContract>
  /** The host when it is this process, else null: then runs outlive this command. */
  readonly host: Host | null
  /**
   * Ends the connection; a host of ours first lets its runs write checkpoints.
   * @param stay waits until `others()` is 0 where the host is ours: programs that joined it would lose their work
   */
  close(stay?: (others: () => number) => Promise<void>): Promise<void>
}

/** How long a host that holds the lock may take to open its socket. */
const startingAttempts = 30
const attemptPauseMs = 100

/**
 * Connects to the running host of a home folder, or becomes the host when there is none.
 * @throws UserError('store-locked') when the folder is in use and nobody answers there
 */
export async function openSession(homeFolder: string, log: Log): Promise<Session> {
  const running = await joinHost(homeFolder)
  if (running !== null) return running
  try {
    return await becomeHost(homeFolder, log)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'store-locked') throw error
    return (await waitForHost(homeFolder)) ?? Promise.reject(error)
  }
}

/** A session with the host that runs now; null when none does. */
export async function joinHost(homeFolder: string): Promise<Session | null> {
  const port = await connectHostSocket(hostSocketPath(homeFolder))
  if (port === null) return null
  return {
    client: createClient(commandLineContract, port),
    host: null,
    close: async () => port.close()
  }
}

/** A session with a host that is just starting; null when it does not come up in time. */
export async function waitForHost(homeFolder: string): Promise<Session | null> {
  for (let attempt = 0; attempt < startingAttempts; attempt++) {
    const session = await joinHost(homeFolder)
    if (session !== null) return session
    await new Promise(resolve => setTimeout(resolve, attemptPauseMs))
  }
  return null
}

async function becomeHost(homeFolder: string, log: Log): Promise<Session> {
  const host = await openHost({
    home: homeFolder,
    kind: 'command',
    processes: nodeProcessHost(),
    log,
    checkResults: false
  })
  const [ours, theirs] = memoryPorts()
  host.localRouter.serve(theirs)
  return {
    client: createClient(commandLineContract, ours),
    host,
    close: async stay => {
      ours.close()
      await stay?.(() => host.clients())
      await host.close()
    }
  }
}
