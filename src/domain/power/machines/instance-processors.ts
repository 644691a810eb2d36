/**
 * Which processors the clouds' machine families run on, from the vendors' lists (aws.amazon.com/ec2/instance-types,
 * cloud.google.com/compute/docs/cpu-platforms, learn.microsoft.com/azure/virtual-machines/sizes). A family that runs on
 * two generations has the first that is named there; one that may run on either vendor's (e2) is not listed.
 */
import type { Processor } from './processor-watts.ts';

const AWS: Readonly<Partial<Record<Processor, string>>> = {
  'Ivy Bridge': 'm3 c3 r3 i2 g2',
  Haswell: 'c4 d2 t2 m4 x1 x1e',
  Broadwell: 'r4 p2 p3 g3 i3 h1 f1',
  Skylake: 'm5 m5d c5 c5d c5n r5 r5d t3 z1d p3dn',
  'Cascade Lake': 'm5n m5dn r5n r5dn r5b m5zn d3 d3en i3en g4dn p4d p4de inf1 vt1 x2iezn',
  'Coffee Lake': 'mac1',
  'Ice Lake': 'm6i m6id m6in m6idn c6i c6id c6in r6i r6id r6in r6idn i4i x2idn x2iedn trn1 trn1n',
  'Sapphire Rapids': 'm7i m7i-flex c7i c7i-flex r7i r7iz i7ie p5en trn2',
  'Emerald Rapids': 'i7i p6-b200',
  'Granite Rapids': 'm8i m8i-flex c8i c8i-flex r8i r8i-flex',
  'EPYC 1st Gen': 'm5a m5ad r5a r5ad t3a',
  'EPYC 2nd Gen': 'c5a c5ad g4ad g5',
  'EPYC 3rd Gen': 'm6a c6a r6a hpc6a g6 g6e gr6 inf2 p5 p5e',
  'EPYC 4th Gen': 'm7a c7a r7a hpc7a',
  Graviton:
    'm6g m6gd m7g m7gd m8g c6g c6gd c6gn c7g c7gd c7gn c8g r6g r6gd r7g r7gd r8g t4g x2gd im4gn is4gen i4g g5g',
};

const GCP: Readonly<Record<string, Processor>> = {
  n1: 'Skylake',
  n2: 'Cascade Lake',
  n2d: 'EPYC 2nd Gen',
  c2: 'Cascade Lake',
  c2d: 'EPYC 3rd Gen',
  c3: 'Sapphire Rapids',
  c3d: 'EPYC 4th Gen',
  c4: 'Emerald Rapids',
  n4: 'Emerald Rapids',
  t2d: 'EPYC 3rd Gen',
  m1: 'Broadwell',
  m2: 'Cascade Lake',
  m3: 'Ice Lake',
  a2: 'Cascade Lake',
  a3: 'Sapphire Rapids',
  a4: 'Emerald Rapids',
  g2: 'Cascade Lake',
};

/** Azure's sizes end in their version; `a` among the letters after the number of cores means AMD. */
const AZURE_INTEL: Readonly<Record<string, Processor>> = {
  '': 'Broadwell',
  v2: 'Haswell',
  v3: 'Broadwell',
  v4: 'Cascade Lake',
  v5: 'Ice Lake',
  v6: 'Emerald Rapids',
};
const AZURE_AMD: Readonly<Record<string, Processor>> = {
  v3: 'EPYC 2nd Gen',
  v4: 'EPYC 2nd Gen',
  v5: 'EPYC 3rd Gen',
  v6: 'EPYC 4th Gen',
};
const AZURE_SIZE = /^Standard_[A-Z]+\d+(?:-\d+)?([a-z]*)(?:_[A-Za-z0-9]+)??(?:_(v\d))?$/;

const BY_AWS_FAMILY: ReadonlyMap<string, Processor> = new Map(
  (Object.entries(AWS) as [Processor, string][]).flatMap(([processor, families]) =>
    families.split(' ').map((family) => [family, processor] as const),
  ),
);

/** The processor of an instance type; undefined where it is not known. */
export function processorOfInstance(instanceType: string): Processor | undefined {
  const azure = AZURE_SIZE.exec(instanceType);
  if (azure !== null) {
    const [, letters = '', version = ''] = azure;
    return (letters.includes('a') ? AZURE_AMD : AZURE_INTEL)[version];
  }
  if (instanceType.includes('.')) return BY_AWS_FAMILY.get(instanceType.split('.')[0] ?? '');
  return GCP[instanceType.split('-')[0] ?? ''];
}
