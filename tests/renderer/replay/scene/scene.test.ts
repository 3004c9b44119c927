import { describe, expect, it } from 'vitest'
import type { SceneDescription } from '../../../../src-preload/contract/scene.ts'
import { cameraOf, cameraOfAll, noTurn } from '../../../../src-renderer/replay/scene/camera.ts'
import { sceneColours } from '../../../../src-renderer/replay/scene/colours.ts'
import { Kinematics, positionsAt } from '../../../../src-renderer/replay/scene/kinematics.ts'
import { panesOf } from '../../../../src-renderer/replay/scene/panes.ts'
import { sceneSvg } from '../../../../src-renderer/replay/scene/sceneSvg.ts'
import { cart } from './support.ts'

const poses = (scene: SceneDescription, qpos: number[]): Float64Array => {
  const out = new Float64Array(scene.bodies.length * 7)
  new Kinematics(scene).poses(qpos, 0, out)
  return out
}
const round = (values: ArrayLike<number>): number[] =>
  Array.from(values, value => Math.round(value * 1e9) / 1e9 + 0)

describe('kinematics', () => {
  it('moves a body along its slide and turns its child about the anchor', () => {
    const [cartX, , cartZ] = poses(cart, [2, Math.PI / 2])
    expect([cartX, cartZ]).toEqual([2, 1])
    // A quarter turn about +y brings what was above the anchor to +x.
    expect(round(poses(cart, [2, Math.PI / 2]).subarray(7, 10))).toEqual([2.5, 0, 1])
  })

  it('measures a joint from its reference', () => {
    const shifted = { ...cart, joints: [{ ...cart.joints[0]!, reference: 1.25 }, cart.joints[1]!] }
    expect(poses(shifted, [1.25, 0])[0]).toBe(0)
  })

  it('interpolates between recorded steps and stays at the last one', () => {
    const positions = Float32Array.from([0, 0, 1, 0.5])
    const at = (step: number): number[] => {
      const out = new Float64Array(2)
      positionsAt(cart, positions, step, out)
      return [...out]
    }
    expect(at(0.5)).toEqual([0.5, 0.25])
    expect(at(9)).toEqual([1, 0.5])
  })

  it('turns a free body the short way between opposite signs of one quaternion', () => {
    const free: SceneDescription = {
      ...cart,
      positionSize: 7,
      bodies: [cart.bodies[0]!],
      joints: [
        { name: 'root', body: 0, type: 'free', axis: [0, 0, 1], anchor: [0, 0, 0], address: 0, reference: 0 }
      ],
      geoms: []
    }
    const positions = Float32Array.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0])
    const qpos = new Float64Array(7)
    positionsAt(free, positions, 0.5, qpos)
    expect(Math.abs(poses(free, [...qpos])[3]!)).toBe(1)
  })
})

describe('panes', () => {
  it('gives six tracks a grid that covers the stage without overlaps', () => {
    const panes = panesOf(6, 'side-by-side', { width: 1200, height: 600 })
    expect(panes.map(({ tracks }) => tracks)).toEqual([[0], [1], [2], [3], [4], [5]])
    expect(new Set(panes.map(({ y }) => y)).size).toBe(2)
    expect(Math.max(...panes.map(({ x, width }) => x + width))).toBeCloseTo(1200)
    expect(Math.max(...panes.map(({ y, height }) => y + height))).toBeCloseTo(600)
  })

  it('puts ghosts into one', () => {
    expect(panesOf(3, 'ghosts', { width: 10, height: 10 })).toEqual([
      { x: 0, y: 0, width: 10, height: 10, tracks: [0, 1, 2] }
    ])
  })
})

describe('the camera', () => {
  it('goes along with the followed body and does not bob with it', () => {
    const low = cameraOf(cart, poses(cart, [0, 0]))
    const far = cameraOf(cart, poses(cart, [7, 1]))
    expect(far.target[0] - low.target[0]).toBe(7)
    expect(far.target[2]).toBe(low.target[2])
  })

  const at = (x: number, length = 100) => ({ poses: poses(cart, [x, 0]), step: 50, length })

  it('stands before one robot as before several that are close', () => {
    expect(cameraOfAll(cart, [at(3)], 1.5)).toEqual(cameraOf(cart, poses(cart, [3, 0])))
    expect(cameraOfAll(cart, [at(3), at(3.2)], 1.5).height).toBe(cart.camera.span)
  })

  it('steps back for one that runs ahead, so that both are in the picture', () => {
    const [aspect, ahead] = [1.5, 2 * cart.camera.span]
    const camera = cameraOfAll(cart, [at(0), at(ahead)], aspect)
    expect(camera.target[0]).toBeCloseTo(ahead / 2)
    expect((camera.height * aspect) / 2).toBeGreaterThan(ahead / 2)
    expect(camera.height).toBeLessThan(4 * cart.camera.span)
  })

  it('never loses the first that still runs, and leaves behind those that have ended', () => {
    const far = cameraOfAll(cart, [at(0), at(1000)], 1.5)
    expect(far.height).toBe(4 * cart.camera.span)
    expect(far.target[0]).toBeLessThan((far.height * 1.5) / 2)
    const alone = (x: number) => cameraOf(cart, poses(cart, [x, 0]))
    expect(cameraOfAll(cart, [at(0), at(1000, 20)], 1.5)).toEqual(alone(0))
    expect(cameraOfAll(cart, [at(0, 20), at(1000)], 1.5)).toEqual(alone(1000))
    expect(cameraOfAll(cart, [at(0, 20), at(7, 40), at(1000, 30)], 1.5)).toEqual(alone(7))
  })

  it('keeps what a person turned', () => {
    const turned = cameraOfAll(cart, [at(0)], 1.5, { ...noTurn, zoom: 2 })
    expect(turned.height).toBe(2 * cart.camera.span)
  })

  it('stays with one robot where it was told to, even when it has ended, and from near in a large scene', () => {
    const turn = { ...noTurn, follow: 1 }
    const robots = [at(0), at(7, 20)] as const
    expect(cameraOfAll(cart, robots, 1.5, turn)).toEqual(cameraOf(cart, robots[1].poses))
    const large = { ...cart, camera: { ...cart.camera, follow: null, span: 40 } }
    expect(cameraOfAll(large, robots, 1.5)).toMatchObject({ target: [0, 0, expect.anything()], height: 40 })
    const near = cameraOfAll(large, robots, 1.5, turn)
    expect(near.target[0]).toBe(7)
    expect(near.height).toBeLessThan(10)
    // Where a picture has one robot it is that one.
    expect(cameraOfAll(cart, [at(3)], 1.5, turn).target[0]).toBe(3)
  })
})

describe('a picture as SVG', () => {
  const track = (id: string, colour: string, x: number) => {
    return {
      id,
      name: id,
      colour,
      positions: Float32Array.from([x, 0, x + 1, 0.1]),
      positionSize: 2,
      length: 1
    }
  }
  const tracks = [track('a', '#112233', 0), track('b', '#445566', 0.5)]
  const size = { width: 300, height: 200 }
  const text = sceneSvg(cart, tracks, [0, 0.5], sceneColours(false), size)

  it('draws every robot in its colour, the ghosts paler', () => {
    expect(text.match(/#112233/g)).toHaveLength(2)
    expect(text).toMatch(/<line [^>]*#445566[^>]*opacity="0.5"/)
  })

  it('stands them apart as they are, and draws ended ones paler still', () => {
    const left = (svg: string, colour: string): number =>
      Number(new RegExp(`<line x1="([-\\d.]+)"[^>]*${colour}`).exec(svg)?.[1])
    const apart = [tracks[0]!, track('b', '#445566', 1.5)]
    const svg = sceneSvg(cart, apart, [0, 0], sceneColours(false), size)
    expect(left(svg, '#445566') - left(svg, '#112233')).toBeCloseTo(1.5)
    const ended = sceneSvg(cart, apart, [0, 1], sceneColours(false), size)
    expect(ended).toMatch(/<line [^>]*#445566[^>]*opacity="0.25"/)
  })

  it('marks the goal of each episode where they had their own, and the common one where not', () => {
    const mark = {
      ...{
        body: -1,
        type: 'sphere' as const,
        role: 'goal' as const,
        size: [2, 0, 0] as [number, number, number]
      },
      ...{ position: [3, 0, -1] as [number, number, number] },
      orientation: [1, 0, 0, 0] as [number, number, number, number]
    }
    const maze: SceneDescription = { ...cart, geoms: [...cart.geoms, mark] }
    const colours = sceneColours(false)
    const goalsOf = (...goals: ({ x: number; y: number; radius: number } | null)[]) => {
      const shown = tracks.map((one, i) => ({ ...one, goal: goals[i] ?? null }))
      const svg = sceneSvg(maze, shown, [0, 0], colours, size)
      return [
        ...svg.matchAll(new RegExp(`<line x1="([^"]+)"[^>]*"${colours.goal}" stroke-width="([^"]+)"`, 'g'))
      ]
    }
    expect(goalsOf(null, null).map(([, , width]) => width)).toEqual(['4'])
    const own = { x: 1, y: 0, radius: 0.5 }
    expect(goalsOf(own, own).map(([, , width]) => width)).toEqual(['1'])
    const apart = goalsOf(own, { ...own, x: 2 })
    expect(Number(apart[1]?.[1]) - Number(apart[0]?.[1])).toBeCloseTo(1)
    expect(goalsOf(own, null).map(([, , width]) => width)).toEqual(['1', '4'])
  })

  it('leaves out a robot whose simulation exploded, and shows the others as without it', () => {
    const lost = { ...track('lost', '#778899', NaN), positions: new Float32Array(4).fill(NaN) }
    const svg = sceneSvg(cart, [lost, ...tracks], [0, 0, 0.5], sceneColours(false), size)
    expect(svg).not.toMatch(/NaN|#778899/)
    expect(svg).toContain('#112233')
    expect(sceneSvg(cart, [lost], [0], sceneColours(false), size)).not.toMatch(/NaN/)
    const none = { ...lost, positions: new Float32Array() }
    expect(sceneSvg(cart, [none], [0], sceneColours(false), size)).not.toMatch(/NaN/)
  })

  it('is the same for the same moment, and another for another', () => {
    expect(sceneSvg(cart, tracks, [0, 0.5], sceneColours(false), size)).toBe(text)
    expect(sceneSvg(cart, tracks, [0, 0.9], sceneColours(false), size)).not.toBe(text)
  })
})
