"""`python -m nljctl`: the program without its console script."""

from nljctl.cli.app import main

if __name__ == "__main__":
    main()
