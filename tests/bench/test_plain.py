import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from backplane.graph import resources_json
from backplane.local.engine import Engine, Provider
from backplane.local.program import Deployment, run
from bench import plain
from bench._evaluate import NoProvider


def example() -> None:
    group = pulumi.ComponentResource("example:index:Group", "group")
    own = pulumi.ResourceOptions(parent=group)
    table = aws.dynamodb.Table(
        "things",
        hash_key="id",
        attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
        opts=own,
    )
    topic = aws.sns.Topic(
        "things", opts=pulumi.ResourceOptions(parent=group, protect=True, depends_on=[table])
    )
    document = pulumi.Output.json_dumps({"Resource": [table.arn, topic.arn], "text": "{braces}"})
    aws.iam.Policy("reader", policy=document, tags={"of": table.name}, opts=own)
    aws.ssm.Parameter("digest", type="String", value=table.arn.apply(lambda arn: str(len(arn) * 7)), opts=own)
    group.register_outputs({"arn": table.arn})
    pulumi.export("arn", table.arn)


def test_the_written_program_declares_the_same_graph() -> None:
    deployment, provider = Deployment("project", "stack", Path.cwd(), Path.cwd()), plain.NamingProvider()

    def declared(program: Callable[[], Any], by: Provider, *, preview: bool) -> Engine:
        engine = Engine("project", "stack", by, preview=preview)
        run(program, deployment, engine, preview=True)
        return engine

    named = declared(example, provider, preview=False)
    wanted = declared(example, NoProvider(), preview=True)
    marked = plain.marked(named.resources.values(), wanted.resources)
    names: dict[str, Any] = {}
    source = plain.source(marked, provider.owners, named.outputs)
    exec(compile(source, "plain_program.py", "exec"), names)  # noqa: S102 - what the test is about
    written = declared(names["main"], NoProvider(), preview=True)
    assert graph(written) == graph(wanted)
    assert written.outputs.keys() == wanted.outputs.keys()
    assert "aws.dynamodb.TableAttributeArgs(" in source


def graph(engine: Engine) -> list[str]:
    return [
        json.dumps(item, sort_keys=True) for item in resources_json(engine.resources.values(), Path.cwd())
    ]
