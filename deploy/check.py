print("deploy: nothing to check yet")
