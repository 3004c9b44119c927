/** Which wheels an engine needs, and where they come from: files of the person, or the index. */
import { join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { bytesPresent, download } from './download.ts'
import { downloadsFolder, requireSpace } from './folders.ts'
import type { InstallJob, InstallStep } from './messages.ts'
import { shownAddress, type Wait } from './network.ts'
import { chooseWheel, filesOf, type PinnedFile } from './simpleIndex.ts'
import { cudaExtra, defaultIndex, tensorflowPackage, tensorflowVersions } from './tested.ts'
import { requirementsOf, satisfies, type Requirement } from './versions.ts'
import { openWheel, type Wheel } from './wheel.ts'

/** Unpacked libraries take about this many times the space of their wheel; those of CUDA are packed less tightly. */
const unpackedShare = (filename: string): number => (filename.startsWith('nvidia') ? 2 : 3.5)

/**
 * Opens the wheels of an engine, TensorFlow's own first; what the person has not given is downloaded.
 * @throws UserError
 */
export async function gatherWheels(
  job: InstallJob,
  report: (step: InstallStep) => void,
  wait: Wait
): Promise<Wheel[]> {
  const opened: Wheel[] = []
  const patient: Wait = ms => {
    report({ ...nothingYet, text: `the index does not answer; asking again in ${ms / 1000} s` })
    return wait(ms)
  }
  try {
    const given: Wheel[] = []
    for (const path of job.wheels) {
      const wheel = await openWheel(path)
      opened.push(wheel)
      given.push(wheel)
    }
    const gather = async (requirements: readonly Requirement[]) => {
      const wheels = await gatherAll(requirements, given, job, report, patient)
      opened.push(...wheels.filter(wheel => !opened.includes(wheel)))
      return wheels
    }
    const main = { name: tensorflowPackage(job.gpu), specifiers: tensorflowVersions }
    const [tensorflow] = await gather([main])
    const cuda = job.gpu ? await gather(requirementsOf(tensorflow.metadata, cudaExtra)) : []
    const needed = [tensorflow, ...cuda]
    refuseUnused(given, needed)
    return needed
  } catch (error) {
    for (const wheel of opened) wheel.close()
    throw error
  }
}

function refuseUnused(given: readonly Wheel[], needed: readonly Wheel[]): void {
  const unused = given.find(wheel => !needed.includes(wheel))
  if (unused === undefined) return
  throw new UserError(
    'invalid-file',
    `${unused.name} ${unused.version} is not needed; the engine takes ${needed.map(wheel => wheel.name).join(', ')}`
  )
}

async function gatherAll(
  requirements: readonly Requirement[],
  given: readonly Wheel[],
  job: InstallJob,
  report: (step: InstallStep) => void,
  wait: Wait
): Promise<Wheel[]> {
  const index = indexOf(job)
  const host = shownAddress(index)
  const found = requirements.map(requirement => fromGiven(requirement, given))
  const pinned: PinnedFile[] = []
  for (const [i, requirement] of requirements.entries()) {
    if (found[i] !== null) continue
    report({ ...nothingYet, text: `asking ${host} for ${requirement.name}` })
    pinned.push(chooseWheel(await filesOf(index, requirement.name, wait), requirement, host))
  }
  const paths = await downloadAll(pinned, index, job.folder, report, wait)
  const wheels: Wheel[] = []
  for (const wheel of found) wheels.push(wheel ?? (await openWheel(paths.shift()!)))
  return wheels
}

const indexOf = (job: InstallJob): string => {
  const address = job.index ?? (process.env.PIP_INDEX_URL?.trim() || defaultIndex)
  if (/^https?:$/.test(URL.parse(address)?.protocol ?? '')) return address
  throw new UserError(
    'invalid-config',
    `'${address}' is no address of a package index; write one such as ${defaultIndex}`
  )
}

function fromGiven({ name, specifiers }: Requirement, given: readonly Wheel[]): Wheel | null {
  const wheel = given.find(candidate => candidate.name === name)
  if (wheel === undefined) {
    const other = given.find(candidate => /^tensorflow(-|$)/.test(candidate.name))
    if (/^tensorflow(-|$)/.test(name) && other !== undefined) throw otherFlavour(name, other)
    return null
  }
  if (satisfies(wheel.version, specifiers)) return wheel
  throw new UserError(
    'invalid-file',
    `${wheel.path} holds ${name} ${wheel.version}, and the engine needs ${specifiers}; take such a wheel`
  )
}

const otherFlavour = (name: string, wheel: Wheel): UserError =>
  new UserError(
    'invalid-file',
    `${wheel.path} holds ${wheel.name}, and ${name} is wanted; ` +
      (name === 'tensorflow-cpu'
        ? 'take that wheel, or install with --gpu'
        : 'take that wheel, or install without --gpu')
  )

const nothingYet = { state: 'downloading', doneBytes: 0, totalBytes: 0 } as const

/** What an install costs, before it begins. */
function sizeTold(download: number, unpacked: number): string {
  const size = (bytes: number): string =>
    bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
  return `${size(download)} to download, up to ${size(unpacked)} on the disk afterwards`
}

/** Bytes of these files that earlier attempts have left. */
async function present(files: readonly PinnedFile[], folder: string): Promise<number> {
  const sizes = await Promise.all(
    files.map(async ({ filename, sizeBytes }) =>
      Math.min(await bytesPresent(join(downloadsFolder(folder), filename)), sizeBytes ?? 0)
    )
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Downloads one file after the other. @returns their paths */
async function downloadAll(
  files: readonly PinnedFile[],
  index: string,
  folder: string,
  report: (step: InstallStep) => void,
  wait: Wait
): Promise<string[]> {
  const known = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0)
  const unpacked = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0) * unpackedShare(file.filename), 0)
  if (files.length > 0) await requireSpace(folder, known - (await present(files, folder)) + unpacked)
  if (known > 0) report({ ...nothingYet, text: sizeTold(known, unpacked) })
  const paths: string[] = []
  let before = 0
  for (const file of files) {
    const target = join(downloadsFolder(folder), file.filename)
    let here = 0
    await download(file, target, {
      index,
      wait,
      progress: (bytes, total) => {
        here = bytes
        const totalBytes = Math.max(known, before + (total ?? bytes))
        report({ state: 'downloading', doneBytes: before + bytes, totalBytes, text: file.filename })
      }
    })
    before += file.sizeBytes ?? here
    paths.push(target)
  }
  return paths
}
