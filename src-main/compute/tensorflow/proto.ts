/**
 * The part of TensorFlow's SavedModel format that we write: messages and field numbers of saved_model.proto, graph.proto,
 * function.proto and what they contain.
 */
import protobuf from 'protobufjs/light.js'
import { type Dtype, type NumericArray, sizeOf } from '../../base/tensors.ts'

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ rule: 'repeated', type, id })
const map = (type: string, id: number) => ({ keyType: 'string', type, id })

const schema = {
  SavedModel: { fields: { schemaVersion: one('int64', 1), metaGraphs: many('MetaGraphDef', 2) } },
  MetaGraphDef: {
    fields: {
      metaInfoDef: one('MetaInfoDef', 1),
      graphDef: one('GraphDef', 2),
      signatureDef: map('SignatureDef', 5)
    }
  },
  MetaInfoDef: { fields: { tags: many('string', 4) } },
  SignatureDef: { fields: { inputs: map('TensorInfo', 1), outputs: map('TensorInfo', 2) } },
  TensorInfo: {
    fields: { name: one('string', 1), dtype: one('int32', 2), tensorShape: one('TensorShape', 3) }
  },
  TensorShape: { fields: { dim: many('Dim', 2), unknownRank: one('bool', 3) } },
  Dim: { fields: { size: one('int64', 1) } },
  GraphDef: {
    fields: {
      node: many('NodeDef', 1),
      library: one('FunctionDefLibrary', 2),
      versions: one('VersionDef', 4)
    }
  },
  VersionDef: { fields: { producer: one('int32', 1), minConsumer: one('int32', 2) } },
  NodeDef: {
    fields: {
      name: one('string', 1),
      op: one('string', 2),
      input: many('string', 3),
      attr: map('AttrValue', 5)
    }
  },
  AttrValue: {
    fields: {
      list: one('ListValue', 1),
      s: one('bytes', 2),
      i: one('int64', 3),
      f: one('float', 4),
      b: one('bool', 5),
      type: one('int32', 6),
      shape: one('TensorShape', 7),
      tensor: one('TensorProto', 8),
      func: one('NameAttrList', 10)
    },
    oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'func'] } }
  },
  ListValue: { fields: { type: many('int32', 6), shape: many('TensorShape', 7) } },
  NameAttrList: { fields: { name: one('string', 1) } },
  TensorProto: {
    fields: {
      dtype: one('int32', 1),
      tensorShape: one('TensorShape', 2),
      tensorContent: one('bytes', 4),
      floatVal: many('float', 5),
      intVal: many('int32', 7),
      boolVal: many('bool', 11)
    }
  },
  FunctionDefLibrary: { fields: { function: many('FunctionDef', 1) } },
  FunctionDef: {
    fields: {
      signature: one('OpDef', 1),
      nodeDef: many('NodeDef', 3),
      ret: map('string', 4),
      controlRet: map('string', 6)
    }
  },
  OpDef: {
    fields: {
      name: one('string', 1),
      inputArg: many('ArgDef', 2),
      outputArg: many('ArgDef', 3),
      isStateful: one('bool', 17),
      controlOutput: many('string', 20)
    }
  },
  ArgDef: { fields: { name: one('string', 1), type: one('int32', 3) } }
}

const messages = protobuf.Root.fromJSON({ nested: schema })

/** TensorFlow's numbers of element types. */
const typeNumbers = { float32: 1, int32: 3, bool: 10, bfloat16: 14, resource: 20 } as const
export type TypeName = keyof typeof typeNumbers

/** An attribute of a node: a value of one of the kinds that the format knows. */
export type Attribute =
  | { readonly type: TypeName }
  | { readonly types: readonly TypeName[] }
  | { readonly b: boolean }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly shape: readonly number[] }
  | { readonly shapes: readonly (readonly number[])[] }
  | { readonly func: string }
  | { readonly tensor: ConstantValue }
export type Attributes = Readonly<Record<string, Attribute>>

/** A constant's value; one number fills the shape. */
export interface ConstantValue {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: NumericArray | readonly number[]
}

/** A node; inputs are references as the surrounding graph or function writes them. */
export interface TfNode {
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly attributes: Attributes
}
export interface TfArgument {
  readonly name: string
  readonly type: TypeName
}
export interface TfFunction {
  readonly name: string
  readonly inputs: readonly TfArgument[]
  /** Each with the reference it is taken from. */
  readonly outputs: readonly (TfArgument & { readonly from: string })[]
  readonly nodes: readonly TfNode[]
  /** Nodes that must run although no output needs them. */
  readonly effects: readonly string[]
}
/** A tensor of a signature by its place in the top graph, `node:index`; a negative length varies. */
export interface TfTensorInfo {
  readonly name: string
  readonly type: TypeName
  readonly shape: readonly number[]
}
export interface TfSignature {
  readonly inputs: Readonly<Record<string, TfTensorInfo>>
  readonly outputs: Readonly<Record<string, TfTensorInfo>>
}
export interface TfModel {
  readonly nodes: readonly TfNode[]
  readonly functions: readonly TfFunction[]
  readonly signatures: Readonly<Record<string, TfSignature>>
}

/** Graph versions of TensorFlow 2.21; any consumer of 2.x reads them. */
const versions = { producer: 2474, minConsumer: 12 }

/** The bytes of a `saved_model.pb`, tagged `serve`. */
export function encodeSavedModel({ nodes, functions, signatures }: TfModel): Uint8Array {
  const type = messages.lookupType('SavedModel')
  const graphDef = {
    node: nodes.map(nodeProto),
    library: { function: functions.map(functionProto) },
    versions
  }
  const signatureDef = mapValues(signatures, ({ inputs, outputs }) => ({
    inputs: mapValues(inputs, infoProto),
    outputs: mapValues(outputs, infoProto)
  }))
  const metaGraph = { metaInfoDef: { tags: ['serve'] }, graphDef, signatureDef }
  return type.encode(type.fromObject({ schemaVersion: 1, metaGraphs: [metaGraph] })).finish()
}

const shapeProto = (shape: readonly number[]): object => ({ dim: shape.map(size => ({ size })) })
const infoProto = ({ name, type, shape }: TfTensorInfo): object => ({
  name,
  dtype: typeNumbers[type],
  tensorShape: shapeProto(shape)
})

function nodeProto({ name, op, inputs, attributes }: TfNode): object {
  return { name, op, input: inputs, attr: mapValues(attributes, attributeProto) }
}

function attributeProto(value: Attribute): object {
  if ('type' in value) return { type: typeNumbers[value.type] }
  if ('types' in value) return { list: { type: value.types.map(type => typeNumbers[type]) } }
  if ('shape' in value) return { shape: shapeProto(value.shape) }
  if ('shapes' in value) return { list: { shape: value.shapes.map(shapeProto) } }
  if ('func' in value) return { func: { name: value.func } }
  if ('tensor' in value) return { tensor: tensorProto(value.tensor) }
  if ('s' in value) return { s: new TextEncoder().encode(value.s) }
  return value
}

/** One value in a `...Val` field fills the shape, so uniform constants cost nothing. */
function tensorProto({ dtype, shape, data }: ConstantValue): object {
  const spec = { dtype: typeNumbers[dtype], tensorShape: shapeProto(shape) }
  if (data.length === 1 && sizeOf(shape) > 0) {
    if (dtype === 'float32') return { ...spec, floatVal: [data[0]] }
    return dtype === 'int32' ? { ...spec, intVal: [data[0]] } : { ...spec, boolVal: [data[0] !== 0] }
  }
  return { ...spec, tensorContent: littleEndian(dtype, data) }
}

function littleEndian(dtype: Dtype, data: ArrayLike<number>): Uint8Array {
  const values = Array.from(data)
  if (dtype === 'bool') return Uint8Array.from(values)
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => {
    if (dtype === 'float32') view.setFloat32(4 * i, value, true)
    else view.setInt32(4 * i, value, true)
  })
  return new Uint8Array(view.buffer)
}

function functionProto({ name, inputs, outputs, nodes, effects }: TfFunction): object {
  const argument = ({ name, type }: TfArgument): object => ({ name, type: typeNumbers[type] })
  return {
    signature: {
      name,
      inputArg: inputs.map(argument),
      outputArg: outputs.map(argument),
      isStateful: effects.length > 0,
      controlOutput: effects
    },
    nodeDef: nodes.map(nodeProto),
    ret: Object.fromEntries(outputs.map(({ name, from }) => [name, from])),
    controlRet: Object.fromEntries(effects.map(effect => [effect, effect]))
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, fn: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, fn(value)]))
}
