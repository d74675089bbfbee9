import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Secret, Service } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { ConfigurationError, loadConfig } from '#libs/ops';

// No cluster can be had where these tests run. What can be: the schemas of Kubernetes, which know the types of fields; its
// types, which know what fields there are; and Quizbell's own configuration.

const ROOT = path.resolve(import.meta.dirname, '../..');
const MANIFESTS = path.join(ROOT, 'deploy/kubernetes/quizbell.yaml');
const TYPES_TIMEOUT_MS = 60_000;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const KINDS = {
  ConfigMap: { from: 'kubernetes-models/v1', make: (data: never) => new ConfigMap(data) },
  Secret: { from: 'kubernetes-models/v1', make: (data: never) => new Secret(data) },
  Service: { from: 'kubernetes-models/v1', make: (data: never) => new Service(data) },
  Deployment: { from: 'kubernetes-models/apps/v1', make: (data: never) => new Deployment(data) },
  PodDisruptionBudget: {
    from: 'kubernetes-models/policy/v1',
    make: (data: never) => new PodDisruptionBudget(data),
  },
};
const kindOf = ({ kind }: Manifest) => {
  if (!Object.hasOwn(KINDS, kind)) throw new Error(`no schema for ${kind}: add it to KINDS`);
  return KINDS[kind as keyof typeof KINDS];
};

function read(text = readFileSync(MANIFESTS, 'utf8')): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return document.toJS() as Manifest;
  });
}

const all = read();
const named = (kind: string, name: string) => {
  const found = all.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const deployments = all.filter(({ kind }) => kind === 'Deployment') as unknown as IDeployment[];

let folder: string | undefined;
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** What the compiler says of manifests as literals of their types: also of fields that do not exist. */
function typeErrors(manifests: readonly Manifest[]): string {
  // Inside the project, so that its packages are found.
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  folder ??= mkdtempSync(path.join(ROOT, '.cache', 'kubernetes-'));
  const lines = manifests.map((manifest, i) => {
    const type = `import('${kindOf(manifest).from}').I${manifest.kind}`;
    return `export const manifest${i}: ${type} = ${JSON.stringify(manifest, undefined, 1)};`;
  });
  const file = path.join(folder, 'manifests.mts');
  writeFileSync(file, lines.join('\n'));
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig'];
  const { status, stdout, stderr } = spawnSync(path.join(ROOT, 'node_modules/.bin/tsc'), [...flags, file], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout + stderr;
}

describe('the manifests for Kubernetes', () => {
  it.each(all.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    'have a %s %s that its schema accepts',
    (_kind, _name, manifest) => {
      const model = kindOf(manifest).make(manifest as never);
      expect({ apiVersion: model.apiVersion, kind: model.kind }).toEqual({
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
      });
      expect(() => model.validate()).not.toThrow();
    },
  );

  it(
    'have no field that Kubernetes does not know',
    () => {
      expect(typeErrors(all)).toBe('');
      const misspelt = readFileSync(MANIFESTS, 'utf8').replace('maxSurge', 'maxSurges');
      expect(typeErrors(read(misspelt))).toMatch(/"maxSurges"' does not exist/);
    },
    TYPES_TIMEOUT_MS,
  );

  it('select what they make: the Service and the budgets the pods of their Deployments', () => {
    for (const { metadata, spec } of deployments) {
      const labels = spec?.template.metadata?.labels;
      expect(spec?.selector.matchLabels).toEqual(labels);
      const budget = named('PodDisruptionBudget', metadata?.name ?? '') as unknown as IDeployment;
      expect(budget.spec?.selector.matchLabels).toEqual(labels);
    }
    const service = named('Service', 'quizbell') as unknown as { spec: { selector: unknown } };
    const gateway = named('Deployment', 'quizbell-gateway') as unknown as IDeployment;
    expect(service.spec.selector).toEqual(gateway.spec?.selector.matchLabels);
  });

  it('are refused by Quizbell until their secrets are changed, and accepted then', () => {
    const { data } = named('ConfigMap', 'quizbell') as unknown as { data: Record<string, string> };
    const { stringData } = named('Secret', 'quizbell') as unknown as { stringData: Record<string, string> };
    const ports = { NODE_ENV: 'production', PORT: '3000', QUIZBELL_OPS_PORT: '9464' };
    const env: Record<string, string> = { ...ports, ...data, ...stringData };
    const known = readFileSync(path.join(ROOT, 'docs/configuration.md'), 'utf8');
    for (const name of Object.keys(env)) expect(known).toContain(`| \`${name}\` |`);
    const problems = () => {
      try {
        loadConfig(env, 'gateway');
      } catch (error) {
        if (error instanceof ConfigurationError)
          return error.problems.map((problem) => problem.split(':')[0]);
        throw error;
      }
      return [];
    };
    expect(problems()).toEqual(['QUIZBELL_SECRET', 'QUIZBELL_API_KEYS']);
    env.QUIZBELL_SECRET = 'TyLlm2iL0wWHxJ0oNgBFuLPZ2dDwfS4nTPJ9IYxPpqs=';
    env.QUIZBELL_API_KEYS = '9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d65';
    expect(problems()).toEqual([]);
    expect(loadConfig(env, 'scheduler').redis.url).toMatch(/^rediss:/);
  });

  it('leave a gateway the time to drain before it is killed', () => {
    const { data } = named('ConfigMap', 'quizbell') as unknown as { data: Record<string, string> };
    const pod = (named('Deployment', 'quizbell-gateway') as unknown as IDeployment).spec?.template.spec;
    const waitS = pod?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const needsS = waitS + Number(data.QUIZBELL_DRAIN_MS) / 1_000 + 5;
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needsS);
  });

  it('probe ports and give images, commands and rights that the pods have', () => {
    for (const { spec } of deployments) {
      const [container, ...more] = spec?.template.spec?.containers ?? [];
      expect(more).toEqual([]);
      const ports = container?.ports?.map(({ name }) => name);
      for (const probe of [container?.readinessProbe, container?.livenessProbe])
        expect(ports).toContain(probe?.httpGet?.port);
      expect(container?.args).toEqual([container?.name]);
      expect(container?.securityContext?.readOnlyRootFilesystem).toBe(true);
      expect(spec?.template.spec?.enableServiceLinks).toBe(false);
    }
  });
});
