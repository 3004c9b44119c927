import type { BodySpec, Contact, GeomSpec, JointSpec, ModelSpec } from './spec.ts'

type Attributes = Readonly<Record<string, string | number | readonly number[] | undefined>>

function element(tag: string, attributes: Attributes, children: readonly string[] = []): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${Array.isArray(value) ? value.join(' ') : String(value)}"`)
    .join('')
  return children.length === 0 ? `<${tag}${text}/>` : `<${tag}${text}>${children.join('')}</${tag}>`
}

const contactOf = ({ solref, solimp, margin, ...contact }: Contact): Attributes => ({
  ...contact,
  solref,
  solimp,
  margin
})

function geomElements(geom: GeomSpec, capsules: ModelSpec['capsuleInertia']): string[] {
  const { type, size, position: pos, orientation: quat, contact, density } = geom
  const place = { pos, quat }
  if (type !== 'capsule' || capsules === 'exact')
    return [element('geom', { type, size, ...place, density, ...contactOf(contact) })]
  const [radius, half] = size
  const cylinder = {
    type: 'cylinder',
    size: [radius, half + radius / 2],
    contype: 0,
    conaffinity: 0,
    density
  }
  return [
    element('geom', { type, size, ...place, mass: 0, ...contactOf(contact) }),
    element('geom', { ...cylinder, ...place })
  ]
}

function jointElement(joint: JointSpec): string {
  const { name, type, axis, anchor, range, reference, ...dynamics } = joint
  const place = type === 'free' ? {} : { axis, pos: anchor, ref: reference }
  return element('joint', { name, type, ...place, limited: range ? 'true' : 'false', range, ...dynamics })
}

function bodyElement(body: BodySpec, spec: ModelSpec): string {
  const children = spec.bodies.filter(candidate => candidate.parent === body.name)
  return element('body', { name: body.name, pos: body.position }, [
    ...body.joints.map(jointElement),
    ...body.geoms.flatMap(geom => geomElements(geom, spec.capsuleInertia)),
    ...children.map(child => bodyElement(child, spec))
  ])
}

/**
 * The MJCF text of a model. Solver, cone and tolerance are MuJoCo's defaults (Newton, pyramidal, 100 iterations, 1e-8).
 * @see https://mujoco.readthedocs.io/en/stable/XMLreference.html
 */
export function mjcfOf(spec: ModelSpec): string {
  const { timestep, integrator, gravity = -9.81, totalMass: settotalmass } = spec
  return element('mujoco', { model: spec.name }, [
    element('compiler', { angle: 'radian', inertiafromgeom: 'true', autolimits: 'false', settotalmass }),
    element('option', { timestep, integrator, gravity: [0, 0, gravity] }),
    element('worldbody', {}, [
      ...spec.world.flatMap(geom => geomElements(geom, 'exact')),
      ...spec.bodies.filter(body => body.parent === null).map(body => bodyElement(body, spec))
    ]),
    element(
      'actuator',
      {},
      spec.actuators.map(({ joint, gear, limit }) =>
        element('motor', { joint, gear, ctrllimited: 'true', ctrlrange: [-limit, limit] })
      )
    )
  ])
}
