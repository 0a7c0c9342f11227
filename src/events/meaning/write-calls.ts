import type { Aspect } from '../../domain/change.ts';
import { plainText } from '../../domain/plain-text.ts';
import { field, isObject, type JsonObject, textField } from '../read-json.ts';
import { acts, besides, depends, type Meaning, quiet, type Verdict } from './verdict.ts';

/** The version that a caller asks for: a token of its own choice. */
export const FROM_REQUEST = ['requestParameters', 'clientRequestToken'] as const;
/** The version that AWS says it made. */
export const FROM_RESPONSE = ['responseElements', 'versionId'] as const;
const MOVED_LABEL = ['requestParameters', 'versionStage'] as const;
const MOVED_TO = ['requestParameters', 'moveToVersionId'] as const;

const OTHER_LABEL = quiet('another label moved, not AWSCURRENT');
const OTHER_TAKEN_OFF = quiet('another label was taken off a version, not AWSCURRENT');

// CloudTrail leaves out parameters above 100 KB.
const NO_PARAMETERS = acts('maybe', "the call's parameters are missing, so whether AWSCURRENT moved is not said");

const PUT = acts('yes', 'a new version was written and is AWSCURRENT');
const PUT_UNREADABLE = acts('maybe', 'a new version was written, under labels that cannot be read');
const PUT_ELSEWHERE = quiet('a new version was written under another label; AWSCURRENT has not moved');

/** Writes a value as a new version, as AWSCURRENT unless the call says otherwise. */
export const PUT_SECRET_VALUE = besides(
  depends([PUT, PUT_UNREADABLE, NO_PARAMETERS, PUT_ELSEWHERE], putSecretValue, FROM_REQUEST),
  (record) => otherLabels(field(record, 'requestParameters', 'versionStages')),
);

const UPDATED = acts('yes', 'a new version was written');
const UPDATED_SOMEHOW = acts('maybe', 'the value or only metadata changed; the event does not say which');

/** Its request has a token for metadata too: only the answer proves a version. */
export const UPDATE_SECRET = whereVersionIsAnswered(UPDATED, UPDATED_SOMEHOW);

const CREATED = acts('yes', 'the secret was created with a value');
const CREATED_SOMEHOW = acts('maybe', 'the secret was created; whether with a value is not said');

/** A secret that is created anew under an old name is a new one. */
export const CREATE_SECRET = whereVersionIsAnswered(CREATED, CREATED_SOMEHOW);

const MOVED = acts('yes', 'AWSCURRENT was moved to another version');
const TAKEN_OFF = quiet('AWSCURRENT was taken off a version, and put on none');

/** The last step of a rotation, and a rollback by hand. */
export const UPDATE_SECRET_VERSION_STAGE = besides(
  depends([MOVED, NO_PARAMETERS, TAKEN_OFF, OTHER_LABEL, OTHER_TAKEN_OFF], moveLabel, MOVED_TO),
  (record) => (moveLabel(record) === OTHER_LABEL ? otherLabels([textField(record, ...MOVED_LABEL)]) : []),
);

const LABEL_MOVED = acts('yes', 'AWSCURRENT moved to another version');

/** What the native label event can mean: other labels move too. */
export const LABEL_UPDATED = besides(depends([LABEL_MOVED, OTHER_LABEL], movedLabel, ['versionId']), (detail) =>
  otherLabels([textField(detail, 'labelUpdated')]),
);

/** As many labels as one call may name, and as long as one may be. */
const MAX_LABELS = 20;
const MAX_LABEL = 256;

/** The labels among these that references may follow by name. AWSPENDING is a step on the way: nobody fetches it. */
function otherLabels(labels: unknown): readonly Aspect[] {
  if (!Array.isArray(labels) || labels.length > MAX_LABELS) return [];
  const usable = labels.flatMap((label: unknown) => (typeof label === 'string' && isUsable(label) ? [label] : []));
  return [...new Set(usable)].map((label) => ({ kind: 'label', label }));
}

function isUsable(label: string): boolean {
  if (['', 'AWSCURRENT', 'AWSPENDING'].includes(label)) return false;
  return label.length <= MAX_LABEL && plainText(label, MAX_LABEL) === label;
}

function movedLabel(detail: JsonObject): Verdict {
  return textField(detail, 'labelUpdated') === 'AWSCURRENT' ? LABEL_MOVED : OTHER_LABEL;
}

function putSecretValue(record: JsonObject): Verdict {
  if (!isObject(field(record, 'requestParameters'))) return NO_PARAMETERS;
  const stages = field(record, 'requestParameters', 'versionStages') ?? null;
  if (stages === null) return PUT;
  if (!Array.isArray(stages) || stages.length === 0 || !stages.every((stage) => typeof stage === 'string')) {
    return PUT_UNREADABLE;
  }
  return stages.includes('AWSCURRENT') ? PUT : PUT_ELSEWHERE;
}

function whereVersionIsAnswered(proved: Verdict, unproved: Verdict): Meaning {
  const choose = (record: JsonObject) => (textField(record, ...FROM_RESPONSE) === null ? unproved : proved);
  return depends([proved, unproved], choose, FROM_RESPONSE);
}

function moveLabel(record: JsonObject): Verdict {
  if (!isObject(field(record, 'requestParameters'))) return NO_PARAMETERS;
  const goesNowhere = ['', null].includes(textField(record, ...MOVED_TO));
  if (textField(record, ...MOVED_LABEL) === 'AWSCURRENT') return goesNowhere ? TAKEN_OFF : MOVED;
  return goesNowhere ? OTHER_TAKEN_OFF : OTHER_LABEL;
}
