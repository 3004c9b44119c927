/** A host on a home folder of its own with a made dataset in it, Crossroads unless told, and a client of its contract. */
import type { Client } from '../../src-preload/contract/define.ts'
import { createClient } from '../../src-preload/contract/client.ts'
import { commandLineContract, type CommandLineContract } from '../../src-preload/contract/local.ts'
import { memoryPorts } from '../../src-main/api/ports/memory.ts'
import { entryFile } from '../../src-main/base/entries.ts'
import { nodeProcessHost } from '../../src-main/base/nodeProcessHost.ts'
import { openHost } from '../../src-main/host.ts'

export interface RealClient {
  readonly client: Client<CommandLineContract>
  /** Id of the dataset that was made. */
  readonly dataset: string
  readonly close: () => Promise<void>
}

const quiet = { info: () => undefined, warning: () => undefined, error: () => undefined }

/**
 * Opens a host and makes a dataset.
 * @param home an empty folder
 * @param trainer the file that trainers start from; the app's own when absent
 * @param recipe id of a built-in recipe
 */
export async function openRealClient(
  home: string,
  trainer?: string,
  recipe = 'crossroads'
): Promise<RealClient> {
  const host = await openHost({
    ...{ home, kind: 'command', log: quiet, checkResults: false },
    processes: nodeProcessHost(entry => (entry === 'trainer' && trainer ? trainer : entryFile(entry)))
  })
  const [ours, theirs] = memoryPorts()
  host.localRouter.serve(theirs)
  const client = createClient(commandLineContract, ours)
  return {
    client,
    dataset: await makeDataset(client, recipe),
    close: async () => {
      ours.close()
      await host.close()
    }
  }
}

async function makeDataset(client: RealClient['client'], recipe: string): Promise<string> {
  for await (const item of client.datasets.make({ recipe, seed: 0 }))
    if (item.kind === 'imported') return item.dataset.id
  throw new Error('the dataset was not made')
}
