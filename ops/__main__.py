"""`python -m ops`: what an operator does, one command each."""

from errno import EPIPE
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from chalicelib.settings import MissingSetting
from ops.app_clients.callback import callback
from ops.app_clients.chatgpt import chatgpt
from ops.aws_errors import in_one_line
from ops.checks.doctor import doctor
from ops.deployment.deploy import deploy
from ops.deployment.down import down
from ops.deployment.package import package
from ops.deployment.up import up
from ops.gateway.ip_ranges import ip_ranges
from ops.people.user import user
from ops.project.new_operation import new_operation
from ops.project.remove_capability import remove_capability
from ops.terminal import is_plain, printable
from ops.trying.try_operation import try_operation


class Commands(click.Group):
    """Commands that end with one clear line when AWS refuses or somebody presses Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; every expected failure becomes a ClickException fit for a terminal."""
        try:
            return super().invoke(ctx)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise click.ClickException(printable(in_one_line(error))) from error
        except click.UsageError:
            raise
        except click.ClickException as error:
            raise click.ClickException(printable(error.message)) from error
        except MissingSetting as error:
            raise click.ClickException(printable(str(error))) from error
        except OSError as error:
            if error.errno == EPIPE:  # nobody reads on, as click knows
                raise
            raise click.ClickException(printable(' '.join(str(error).split()))) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo('Stopped.', err=True)
            ctx.exit(130)


@click.group(
    cls=Commands,
    context_settings={'help_option_names': ['-h', '--help']},
    epilog='Example: python -m ops chatgpt --stage local',
)
@click.pass_context
def main(context: click.Context) -> None:
    """Deploy a stage, connect ChatGPT to it, let people sign in, see what is live."""
    if is_plain():
        context.color = False


for command in (
    callback,
    chatgpt,
    deploy,
    doctor,
    down,
    ip_ranges,
    new_operation,
    package,
    remove_capability,
    try_operation,
    up,
    user,
):
    main.add_command(command)

if __name__ == '__main__':
    main(prog_name='python -m ops')
