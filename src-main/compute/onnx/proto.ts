/**
 * The part of the ONNX file format that we write: messages and field numbers of onnx.proto (IR version 8, opset 18).
 */
import protobuf from 'protobufjs/light.js'
import { type Dtype, type NumericArray, sizeOf } from '../../base/tensors.ts'

const int64 = (id: number) => ({ type: 'int64', id })
const string = (id: number) => ({ type: 'string', id })
const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ rule: 'repeated', type, id })

const schema = {
  ModelProto: {
    fields: {
      irVersion: int64(1),
      producerName: string(2),
      docString: string(6),
      graph: one('GraphProto', 7),
      opsetImport: many('OperatorSetIdProto', 8),
      metadataProps: many('StringStringEntryProto', 14)
    }
  },
  OperatorSetIdProto: { fields: { domain: string(1), version: int64(2) } },
  StringStringEntryProto: { fields: { key: string(1), value: string(2) } },
  GraphProto: {
    fields: {
      node: many('NodeProto', 1),
      name: string(2),
      initializer: many('TensorProto', 5),
      input: many('ValueInfoProto', 11),
      output: many('ValueInfoProto', 12)
    }
  },
  NodeProto: {
    fields: {
      input: many('string', 1),
      output: many('string', 2),
      name: string(3),
      opType: string(4),
      attribute: many('AttributeProto', 5),
      domain: string(7)
    }
  },
  AttributeProto: {
    fields: {
      name: string(1),
      f: one('float', 2),
      i: int64(3),
      g: one('GraphProto', 6),
      ints: many('int64', 8),
      type: one('int32', 20)
    }
  },
  TensorProto: {
    fields: {
      dims: many('int64', 1),
      dataType: one('int32', 2),
      name: string(8),
      rawData: one('bytes', 9),
      externalData: many('StringStringEntryProto', 13),
      dataLocation: one('int32', 14)
    }
  },
  ValueInfoProto: { fields: { name: string(1), type: one('TypeProto', 2) } },
  TypeProto: { fields: { tensorType: one('TensorTypeProto', 1) } },
  TensorTypeProto: { fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) } },
  TensorShapeProto: { fields: { dim: many('DimensionProto', 1) } },
  DimensionProto: { fields: { dimValue: int64(1), dimParam: string(2) } }
}

const messages = protobuf.Root.fromJSON({ nested: schema })

/** An ONNX node; attributes are numbers (integers unless wrapped by `float`), integer lists or graphs. */
export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
  readonly domain?: string
}
export type OnnxAttribute =
  number | readonly number[] | { readonly float: number } | { readonly graph: OnnxGraph }

/** A tensor of int64 is stored from plain integers. */
export type OnnxDtype = Dtype | 'int64'
/** A number is a fixed length, a string names a length that may vary. */
export interface OnnxValue {
  readonly name: string
  readonly dtype: OnnxDtype
  readonly shape: readonly (number | string)[]
}
export interface OnnxConstant extends OnnxValue {
  readonly shape: readonly number[]
  readonly data: NumericArray | readonly number[]
  /** Where the data is instead, by the name that the session gets it under: a model must stay below 2 GB. */
  readonly external?: string
}
export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

const elementTypes: Readonly<Record<OnnxDtype, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 }

/**
 * The bytes of an ONNX model.
 * @param metadata key-value pairs stored with the model, for people and other tools
 */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const contrib = usesContrib(graph) ? [{ domain: 'com.microsoft', version: 1 }] : []
  const type = messages.lookupType('ModelProto')
  const model = {
    irVersion: 8,
    producerName: 'stitchwork',
    graph: graphProto(graph),
    opsetImport: [{ domain: '', version: 18 }, ...contrib],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value }))
  }
  return type.encode(type.fromObject(model)).finish()
}

function usesContrib(graph: OnnxGraph): boolean {
  return graph.nodes.some(node => {
    const bodies = Object.values(node.attributes).flatMap(value => (isGraph(value) ? [value.graph] : []))
    return node.domain === 'com.microsoft' || bodies.some(usesContrib)
  })
}

const isGraph = (value: OnnxAttribute): value is { graph: OnnxGraph } =>
  typeof value === 'object' && 'graph' in value

function graphProto(graph: OnnxGraph): object {
  return {
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    initializer: graph.constants.map(tensorProto),
    input: graph.inputs.map(valueProto),
    output: graph.outputs.map(valueProto)
  }
}

function nodeProto(node: OnnxNode): object {
  const attribute = Object.entries(node.attributes).map(([name, value]) => ({
    name,
    ...attributeProto(value)
  }))
  const { op: opType, inputs: input, outputs: output, domain = '' } = node
  return { opType, input, output, domain, name: output[0], attribute }
}

function attributeProto(value: OnnxAttribute): object {
  if (typeof value === 'number') return { type: 2, i: value }
  if (isGraph(value)) return { type: 5, g: graphProto(value.graph) }
  if ('float' in value) return { type: 1, f: value.float }
  return { type: 7, ints: value }
}

function tensorProto({ name, dtype, shape, data, external }: OnnxConstant): object {
  const spec = { name, dims: shape, dataType: elementTypes[dtype] }
  if (external === undefined) return { ...spec, rawData: littleEndian(dtype, data, sizeOf(shape)) }
  return { ...spec, dataLocation: 1, externalData: [{ key: 'location', value: external }] }
}

/** Bytes of the values; one value fills all `count`. */
function littleEndian(dtype: OnnxDtype, data: ArrayLike<number>, count: number): Uint8Array {
  const values = data.length === 1 ? new Array<number>(count).fill(data[0]) : Array.from(data)
  if (dtype === 'bool') return Uint8Array.from(values)
  const width = dtype === 'int64' ? 8 : 4
  const view = new DataView(new ArrayBuffer(width * count))
  values.forEach((value, i) => {
    if (dtype === 'float32') view.setFloat32(4 * i, value, true)
    else if (dtype === 'int32') view.setInt32(4 * i, value, true)
    else view.setBigInt64(8 * i, BigInt(value), true)
  })
  return new Uint8Array(view.buffer)
}

function valueProto({ name, dtype, shape }: OnnxValue): object {
  const dim = shape.map(size => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim } } } }
}
