import type { RepoPath } from '../domain/repo-path.ts';
import type { SecretPlace, SecretRef, SecretService } from '../domain/secret-id.ts';
import type { Token, TokenHome } from '../domain/token.ts';
import type { OtherDeployer } from './indexing/deployers/deployer.ts';
import type {
  ExternalSecretFacts,
  KustomizationFacts,
  Placed,
  RestartSourceFacts,
  SecretReference,
  StoreFacts,
  Unreadable,
  WorkloadFacts,
} from './objects.ts';
import type { ArgoHealth } from './reading/deployers/argo-health.ts';

/**
 * Who says which account and region a secret is in; the first of these that does. `default` is the only place that is allowed,
 * `named` and `unnamed` the one that is assumed where no configuration lists any.
 */
export type PlaceSource = 'key' | 'store-binding' | 'store' | 'path-binding' | 'default' | 'named' | 'unnamed';

/** What a reference means once its store is known. */
export type Resolution =
  /** `names`: every name the key can mean (see `readWritten`); `ref`: what to ask AWS for. */
  | {
      readonly kind: 'secret';
      /** Of a `find` with the service `find`: all that it finds, as one. */
      readonly ref: SecretRef;
      readonly names: readonly string[];
      readonly by: PlaceSource;
      /** Where manifests of the store have it, if the configuration binds the store to another place. */
      readonly overrides: readonly SecretPlace[];
      /** False where nothing says which service its store reads: it is taken for Secrets Manager, a find too. */
      readonly isServiceSaid: boolean;
      /** Only of a secret that its store reads through Parameter Store, where `version` is written in other words. */
      readonly through?: 'ssm';
    }
  /** Another provider, another AWS service, or an account or region that the config does not allow. */
  | { readonly kind: 'foreign'; readonly reason: string }
  /** It may mean a secret we are asked about, but nothing proves it. */
  | {
      readonly kind: 'unresolved';
      readonly code: 'ambiguous-account' | 'find' | 'templated';
      readonly reason: string;
      /** What to do, where that depends on this very reference. */
      readonly hint: string | null;
      /** What is known all the same: where the secret would be, and its key with the store's prefix. */
      readonly clue?: {
        /** Null where nothing says it. */
        readonly service: SecretService | null;
        readonly account: string | null;
        readonly region: string | null;
        readonly key: string;
      };
    };

export interface ResolvedReference {
  readonly reference: SecretReference;
  readonly resolution: Resolution;
  /** The store that decided, as `SecretStore/name (path)`; null when it is not in the repository. */
  readonly store: string | null;
}

/** What an object's own store stands for: its token leaves out service, account and region there. */
export interface Home extends TokenHome {
  /** True where no other place is allowed: then nothing has to say which one it is. */
  readonly isOnly: boolean;
}

/** An ExternalSecret with its references resolved and the workloads that consume what it writes. */
export interface IndexedExternalSecret {
  readonly object: Placed<ExternalSecretFacts>;
  readonly references: readonly ResolvedReference[];
  /** Null where it cannot be told. */
  readonly home: Home | null;
  readonly consumers: readonly Placed<WorkloadFacts>[];
  /** Of a ClusterExternalSecret: those consumers whose namespace it may not write into. */
  readonly unsure?: readonly Placed<WorkloadFacts>[];
  /** Workloads that name what it writes, and get a Secret in its place that Kustomize generates under this name. */
  readonly bypassed?: readonly Placed<WorkloadFacts>[];
  /** What its manifest says, where kustomizations may have made something else of it. */
  readonly written?: Pick<ExternalSecretFacts, 'references' | 'namesTarget' | 'targetName'>;
  /** Only where kustomizations put something before or after its name. */
  readonly isAffixed?: true;
  /** The name of the ClusterExternalSecret that makes this object and sets back every change of it. */
  readonly madeBy?: string;
}

/** What reaches workloads without an ExternalSecret: nothing is to be refreshed, only pods start again. */
export type RestartSource =
  | { readonly kind: 'provider-class'; readonly object: Placed<RestartSourceFacts> }
  | { readonly kind: 'rotation-mapping'; readonly object: Placed<RestartSourceFacts> }
  /** `spec.repositories[].mappings[at]` of the configuration. */
  | { readonly kind: 'mapping'; readonly at: number };

/** A restart source with its secrets and the workloads that it restarts. */
export interface IndexedRestartSource {
  readonly source: RestartSource;
  /** Its address for people; of a mapping, the key of the configuration takes the place of a path. */
  readonly object: {
    readonly path: RepoPath;
    readonly line: number;
    readonly kind: string;
    readonly name: string;
    readonly resolvedNamespace: string | null;
  };
  /** How the annotations of a workload name it. */
  readonly tokenName: string;
  readonly references: readonly ResolvedReference[];
  readonly home: Home | null;
  readonly consumers: readonly Placed<WorkloadFacts>[];
}

/** The address of an object that something patches. */
export interface PatchedObject extends Pick<Placed<ExternalSecretFacts>, 'path' | 'line' | 'kind' | 'name'> {
  readonly namespace: string | null;
  /** How many more the same patch is for. */
  readonly others: number;
}

export interface FileProblem extends Unreadable {
  readonly path: RepoPath;
  /** The file's text where it may still name a secret; null where it was not read at all. */
  readonly text: string | null;
  /** Where it is a Kustomize patch that is not carried out: the first object that it is for. */
  readonly patched?: PatchedObject;
}

/** The versions that objects had at adoption, by `baselineKeyOf`: what has no entry in its token counts as being there. */
export type Baseline = ReadonlyMap<string, Token>;

/** The graph read from one commit: secret → store → ExternalSecret → Kubernetes Secret → workload. Plain data. */
export interface Index {
  readonly externalSecrets: readonly IndexedExternalSecret[];
  readonly workloads: readonly Placed<WorkloadFacts>[];
  readonly stores: readonly Placed<StoreFacts>[];
  readonly kustomizations: readonly Placed<KustomizationFacts>[];
  readonly problems: readonly FileProblem[];
  /** Every file of the commit, sorted; left out where nobody asks. */
  readonly paths?: readonly RepoPath[];
  /** Argo CD Applications and Flux Kustomizations that deploy something else, or nobody can tell what. */
  readonly otherDeployers: readonly OtherDeployer[];
  /** What its ConfigMaps show of Argo CD's health check for ExternalSecrets. */
  readonly argoHealth: ArgoHealth;
  /** Positions in `externalSecrets` by `secretKey` of every name a reference can mean. */
  readonly bySecret: ReadonlyMap<string, readonly number[]>;
  readonly restartSources: readonly IndexedRestartSource[];
  /** Positions in `restartSources`, likewise. */
  readonly sourcesBySecret: ReadonlyMap<string, readonly number[]>;
  /** Left out: nobody has recorded one. */
  readonly baseline?: Baseline;
}
