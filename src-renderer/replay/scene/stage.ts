import {
  AmbientLight,
  BufferGeometry,
  Color,
  DirectionalLight,
  Fog,
  Float32BufferAttribute,
  HemisphereLight,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  PerspectiveCamera,
  PlaneGeometry,
  Scene,
  WebGLRenderer
} from 'three'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { cameraOfAll, noTurn, goesOn, type CameraTurn, type Seen } from './camera.ts'
import type { SceneColours } from './colours.ts'
import { Kinematics, poseSize, positionsAt } from './kinematics.ts'
import { bodyGeometries, geometryOf, RobotMesh } from './meshes.ts'
import { opacityOf, panesOf, type SceneLayout } from './panes.ts'

/** One episode of a robot as a picture needs it. */
export interface SceneTrack {
  readonly id: string
  readonly name: string
  readonly colour: string
  /** qpos, [T + 1, positionSize] */
  readonly positions: Float32Array
  readonly positionSize: number
  /** Steps T. */
  readonly length: number
}

/** A picture to draw. */
export interface Frame {
  /** Fractional step of each track. */
  readonly steps: readonly number[]
  readonly layout: SceneLayout
  readonly turn?: CameraTurn
}

const groundSize = 60
const gridSize = 40
const cell = 1
const piece = 2

interface Actor {
  readonly track: SceneTrack
  readonly mesh: RobotMesh
  /** What it is to reach, where the episode places that. */
  readonly goal: RobotMesh
  readonly material: MeshLambertMaterial
  readonly poses: Float64Array
}

/** The stage of a replay: one WebGL renderer for all tracks, a pane each or all in one. Dispose it when done. */
export class SceneStage {
  readonly #description: SceneDescription
  readonly #kinematics: Kinematics
  readonly #renderer: WebGLRenderer
  readonly #scene = new Scene()
  readonly #camera = new PerspectiveCamera(30, 1, 0.05, 300)
  readonly #ground: Mesh<PlaneGeometry, MeshBasicMaterial>
  readonly #geometries: readonly (BufferGeometry | null)[]
  readonly #goals: readonly (BufferGeometry | null)[]
  readonly #goalMaterial = new MeshLambertMaterial({ transparent: true, opacity: 0.8 })
  readonly #positions: Float64Array
  #grid: LineSegments<BufferGeometry, LineBasicMaterial>
  #actors: readonly Actor[] = []
  #size = { width: 1, height: 1 }

  /** @throws Error where the browser gives no WebGL context */
  constructor(
    canvas: HTMLCanvasElement,
    description: SceneDescription,
    colours: SceneColours,
    smooth = true
  ) {
    this.#description = description
    this.#kinematics = new Kinematics(description)
    this.#positions = new Float64Array(description.positionSize)
    this.#renderer = new WebGLRenderer({ canvas, antialias: smooth, powerPreference: 'high-performance' })
    this.#renderer.setScissorTest(true)
    this.#camera.up.set(0, 0, 1)
    this.#geometries = bodyGeometries(description, 'robot')
    this.#goals = bodyGeometries(description, 'goal')
    this.#ground = new Mesh(new PlaneGeometry(groundSize, groundSize), new MeshBasicMaterial())
    // Ground and grid lie behind everything, so that neither flickers through the other.
    this.#ground.material.depthWrite = false
    this.#ground.renderOrder = -2
    this.#grid = gridOf(colours)
    const sun = new DirectionalLight(0xffffff, 2.2)
    sun.position.set(-3, -5, 8)
    const sky = new HemisphereLight(0xffffff, 0x8a93a3, 1.4)
    sky.position.set(0, 0, 1)
    this.#scene.add(this.#ground, this.#grid, sun, sky, new AmbientLight(0xffffff, 0.35))
    this.#addWorld(colours)
    this.setColours(colours)
  }

  #addWorld(colours: SceneColours): void {
    for (const role of ['wall', 'goal'] as const) {
      const geometry = geometryOf(this.#description, -1, role)
      if (geometry === null) continue
      const material = new MeshLambertMaterial({ color: colours[role] })
      if (role === 'goal') Object.assign(material, { transparent: true, opacity: 0.6 })
      const mesh = new Mesh(geometry, material)
      mesh.name = role
      this.#scene.add(mesh)
    }
  }

  setColours(colours: SceneColours): void {
    this.#scene.background = new Color(colours.sky)
    this.#scene.fog = new Fog(colours.sky)
    this.#ground.material.color.set(colours.ground)
    this.#grid.material.color.set(colours.line)
    this.#goalMaterial.color.set(colours.goal)
    for (const role of ['wall', 'goal'] as const) {
      const mesh = this.#scene.getObjectByName(role)
      if (mesh instanceof Mesh) (mesh.material as MeshLambertMaterial).color.set(colours[role])
    }
  }

  /** Replaces the robots on the stage. */
  setTracks(tracks: readonly SceneTrack[]): void {
    for (const actor of this.#actors) {
      this.#scene.remove(actor.mesh.group)
      actor.material.dispose()
    }
    this.#actors = tracks.map(track => {
      const material = new MeshLambertMaterial({ color: track.colour })
      const mesh = new RobotMesh(this.#geometries, material)
      const goal = new RobotMesh(this.#goals, this.#goalMaterial)
      mesh.group.add(goal.group)
      this.#scene.add(mesh.group)
      return {
        track,
        mesh,
        goal,
        material,
        poses: new Float64Array(this.#description.bodies.length * poseSize)
      }
    })
  }

  /** @param ratio device pixels a CSS pixel */
  resize(width: number, height: number, ratio: number): void {
    this.#size = { width: Math.max(1, width), height: Math.max(1, height) }
    this.#renderer.setPixelRatio(ratio)
    this.#renderer.setSize(this.#size.width, this.#size.height, false)
  }

  /** Draws one picture. */
  render({ steps, layout, turn = noTurn }: Frame): void {
    this.#actors.forEach(({ track, mesh, goal, poses }, index) => {
      positionsAt(this.#description, track.positions, steps[index] ?? 0, this.#positions)
      this.#kinematics.poses(this.#positions, 0, poses)
      mesh.place(poses)
      goal.place(poses)
    })
    const panes = panesOf(this.#actors.length, layout, this.#size)
    panes.forEach(({ x, y, width, height, tracks }) => {
      const seen = this.#actors.map(({ poses, track }, index): Seen => {
        return { poses, step: steps[index] ?? 0, length: track.length }
      })
      this.#actors.forEach((actor, index) =>
        this.#show(actor, tracks.indexOf(index), tracks.length > 1 && !goesOn(seen[index]!))
      )
      const [first, ...others] = tracks.flatMap(index => seen[index] ?? [])
      if (first) this.#look([first, ...others], turn, width / height)
      const bottom = this.#size.height - y - height
      this.#renderer.setViewport(x, bottom, width, height)
      this.#renderer.setScissor(x, bottom, width, height)
      this.#renderer.render(this.#scene, this.#camera)
    })
  }

  /** The first of a pane is solid, the others are its ghosts; whose episode has ended is paler than both. */
  #show({ mesh, material }: Actor, place: number, ended: boolean): void {
    mesh.group.visible = place >= 0
    material.opacity = opacityOf(place, ended)
    if (material.transparent !== material.opacity < 1) {
      material.transparent = material.opacity < 1
      material.needsUpdate = true
    }
    mesh.group.renderOrder = place
  }

  #look(robots: readonly [Seen, ...Seen[]], turn: CameraTurn, aspect: number): void {
    const { eye, target, fieldOfView } = cameraOfAll(this.#description, robots, aspect, turn)
    this.#camera.fov = fieldOfView
    this.#camera.aspect = aspect
    this.#camera.position.set(...eye)
    this.#camera.lookAt(...target)
    this.#camera.updateProjectionMatrix()
    this.#fadeFrom(Math.hypot(eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]))
    const [x, y] = [Math.round(target[0] / cell) * cell, Math.round(target[1] / cell) * cell]
    this.#ground.position.set(x, y, -0.002)
    this.#grid.position.set(x, y, 0)
  }

  /** The ground fades into the sky behind what the camera looks at. */
  #fadeFrom(distance: number): void {
    if (!(this.#scene.fog instanceof Fog)) return
    this.#scene.fog.near = distance * 1.3
    this.#scene.fog.far = distance * 1.3 + gridSize / 3
  }

  /** Frees everything, the context too: its canvas cannot have another stage. */
  dispose(): void {
    this.setTracks([])
    for (const geometry of [...this.#geometries, ...this.#goals]) geometry?.dispose()
    this.#goalMaterial.dispose()
    this.#ground.geometry.dispose()
    this.#ground.material.dispose()
    this.#grid.geometry.dispose()
    this.#grid.material.dispose()
    this.#renderer.dispose()
    this.#renderer.forceContextLoss()
  }
}

/**
 * Lines a metre apart, in pieces: software renderers drop a line whose one end lies behind the camera.
 */
function gridOf({ line }: SceneColours): LineSegments<BufferGeometry, LineBasicMaterial> {
  const points: number[] = []
  const half = gridSize / 2
  for (let across = -half; across <= half; across += cell)
    for (let along = -half; along < half; along += piece) {
      points.push(across, along, 0, across, along + piece, 0)
      points.push(along, across, 0, along + piece, across, 0)
    }
  const geometry = new BufferGeometry().setAttribute('position', new Float32BufferAttribute(points, 3))
  const material = new LineBasicMaterial({ color: line, depthTest: false, depthWrite: false })
  const grid = new LineSegments(geometry, material)
  grid.renderOrder = -1
  return grid
}
