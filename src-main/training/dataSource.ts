import { loadDataset } from '../datasets/columns.ts'
import type { LoadedDataset } from '../datasets/dataset.ts'
import { type DataConfig, prepareTraining, type TrainingData } from '../datasets/trainingView.ts'

/** Reads datasets and prepares them for training, each once however many runs of this process ask for it. */
export class DataSource {
  readonly #loaded = new Map<string, Promise<LoadedDataset>>()
  readonly #prepared = new Map<string, Promise<TrainingData>>()

  /**
   * The data of a run.
   * @param folder of the dataset
   * @throws UserError when the dataset is absent or damaged, or there is nothing to train on
   */
  async prepare(folder: string, config: DataConfig) {
    const dataset = once(this.#loaded, folder, () => loadDataset(folder))
    const { normalizeObservations, rewardScaling, heldOutShare } = config
    const key = JSON.stringify([folder, normalizeObservations, rewardScaling, heldOutShare])
    const data = once(this.#prepared, key, async () => prepareTraining(await dataset, config))
    return { manifest: (await dataset).manifest, data: await data }
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
