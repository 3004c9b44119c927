import type { HostTensors, TensorSpecs } from '../../base/tensors.ts'
import { encodeModel, type OnnxValue } from './proto.ts'
import { createSession, type OrtSession, type OrtTensor } from './runtime.ts'
import { copyIn, copyOut } from './tensors.ts'

type Tensors = Readonly<Record<string, OrtTensor>>

/** Where tensors live between calls. */
export interface DeviceMemory {
  /** Copies of host tensors, to be fed to sessions. */
  put(tensors: HostTensors): Promise<Tensors>
  /** Copies in host memory. */
  get(tensors: Tensors, specs: TensorSpecs): Promise<HostTensors>
  /** Gives memory back; the tensors must not be used again. */
  free(tensors: Tensors): Promise<void>
}

/** Host memory: for providers whose tensors cannot outlive a call, so that they cross at every call. */
export const hostMemory: DeviceMemory = {
  put: async tensors => mapValues(tensors, copyIn),
  get: async (tensors, specs) => mapValues(specs, (spec, name) => copyOut(tensors[name], spec)),
  free: async () => {}
}

/** Sessions that made tensors on the device; a tensor that outlives its session takes the process down. */
const makers = new WeakMap<Tensors, OrtSession>()

/**
 * Memory of the WebGPU device. The runtime for Node offers neither an upload nor a download of such a tensor, so both are models
 * that copy their input: fed from the host with results kept there, and the other way round.
 */
export const webgpuMemory: DeviceMemory = {
  put: async tensors => {
    if (Object.keys(tensors).length === 0) return {}
    const session = await copySession(tensors, true)
    const copies = await copy(session, mapValues(tensors, copyIn))
    makers.set(copies, session)
    return copies
  },
  get: async (tensors, specs) => {
    const session = await copySession(specs, false)
    try {
      const copies = await copy(session, tensors)
      return mapValues(specs, (spec, name) => copyOut(copies[name], spec))
    } finally {
      await session.release()
    }
  },
  free: async tensors => {
    for (const tensor of Object.values(tensors)) tensor.dispose()
    await makers.get(tensors)?.release()
    makers.delete(tensors)
  }
}

function copySession(specs: TensorSpecs, kept: boolean): Promise<OrtSession> {
  const results = Object.keys(specs).map(name => `out/${name}`)
  return createSession(copyModel(specs), 1, { provider: 'webgpu', kept: kept ? results : [] })
}

async function copy(session: OrtSession, tensors: Tensors): Promise<Tensors> {
  const results = await session.run(
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`in/${name}`, tensor]))
  )
  return mapValues(tensors, (_tensor, name) => results[`out/${name}`])
}

function copyModel(specs: TensorSpecs): Uint8Array {
  const names = Object.keys(specs)
  const values = (prefix: string): OnnxValue[] => names.map(name => ({ ...specs[name], name: prefix + name }))
  return encodeModel({
    name: 'copy',
    nodes: names.map(name => ({
      op: 'Identity',
      inputs: [`in/${name}`],
      outputs: [`out/${name}`],
      attributes: {}
    })),
    constants: [],
    inputs: values('in/'),
    outputs: values('out/')
  })
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, name: string) => B
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}
