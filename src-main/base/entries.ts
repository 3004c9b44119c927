import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invariant } from './errors.ts'
import type { ProcessEntry } from './processHost.ts'

const sources: Readonly<Record<ProcessEntry, string>> = {
  trainer: 'src-main/training/trainer.ts',
  importer: 'src-main/datasets/importer.ts',
  gpuProbe: 'src-main/compute/onnx/gpuProbe.ts',
  tensorflowProbe: 'src-main/compute/tensorflow/tensorflowProbe.ts',
  simulator: 'src-main/training/simulator.ts',
  collector: 'src-main/collect/collector.ts',
  speedProbe: 'src-main/training/speedProbe.ts',
  engineInstaller: 'src-main/engines/installer.ts'
}

/** Folder of package.json: the repository, or the root of an installed copy. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

/** True when this code runs from its TypeScript sources, false from the build. */
export const runsFromSources: boolean = import.meta.url.endsWith('.ts')

/**
 * File of a process entry: the source when this process runs from sources, else its build in out/main.
 * @param root folder that holds both; tests pass their own
 * @throws invariant when the file is not there
 */
export function entryFile(entry: ProcessEntry, root: string = packageRoot): string {
  const file = join(root, runsFromSources ? sources[entry] : `out/main/${entry}.js`)
  invariant(existsSync(file), `the entry ${entry} is missing at ${file}`)
  return file
}

function findPackageRoot(start: string): string {
  let folder = start
  while (!existsSync(join(folder, 'package.json'))) {
    invariant(dirname(folder) !== folder, `no package.json above ${start}`)
    folder = dirname(folder)
  }
  return folder
}
